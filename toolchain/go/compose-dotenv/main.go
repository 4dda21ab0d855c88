// Command compose-dotenv answers how Docker Compose reads a .env file, for property tests against the real parser.
//
// Documents come on stdin, any number in one run. Each is framed by its length: decimal digits, a line feed, then that
// many bytes (so a document may hold any byte, NUL included). Each is answered at once by one line of JSON on stdout:
// {"values":{"KEY":"value"}} or {"error":true}. The text of a parser error is withheld because it repeats its input.
// Variables are looked up in an empty environment. JSON cannot carry bytes that are not UTF-8: they arrive as U+FFFD.
//
// Exit codes: 0 end of input, 2 a broken frame.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// maxDocument is far above any real .env file and keeps a wrong frame from taking all memory.
const maxDocument = 64 << 20

var refused = map[string]bool{"error": true}

func main() {
	if err := serve(bufio.NewReaderSize(os.Stdin, 1<<20), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compose-dotenv:", err)
		os.Exit(2)
	}
}

func serve(in *bufio.Reader, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	defer buffered.Flush()
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for {
		document, err := readFrame(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := encoder.Encode(parse(document)); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := buffered.Flush(); err != nil {
				return err
			}
		}
	}
}

// readFrame returns io.EOF only between two frames.
func readFrame(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadString('\n')
	if err == io.EOF && line == "" {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf("the length line is cut off")
	}
	length, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
	if err != nil || length < 0 || length > maxDocument {
		return nil, fmt.Errorf("a frame must start with its length in bytes and a line feed")
	}
	document := make([]byte, length)
	if _, err := io.ReadFull(in, document); err != nil {
		return nil, fmt.Errorf("a document is shorter than the length before it")
	}
	return document, nil
}

func parse(document []byte) (answer any) {
	defer func() {
		if recover() != nil { // a panic of the parser is an answer too, and must not end the run
			answer = refused
		}
	}()
	nowhere := func(string) (string, bool) { return "", false }
	values, err := dotenv.ParseWithLookup(bytes.NewReader(document), nowhere)
	if err != nil {
		return refused
	}
	return map[string]map[string]string{"values": values}
}
