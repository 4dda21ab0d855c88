// Command pulumi-language-nodejs starts the real language host beside it with the options of the project.
//
// The last language host that is published as a Go module (sdk/v3 v3.65.1) takes runtime.options of Pulumi.yaml as flags.
// Today's engines send them with every request and pass no flags, so that host would ignore them without a word. This
// reads the same options from the same file and passes the flags. Everything else is the real host's: it takes this
// process's place, so its port is the first thing on stdout.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// host is the file name of the real language host.
const host = "pulumi-language-nodejs-host"

// flags are the options that the real host has a flag for.
var flags = []string{"typescript", "tsconfig", "nodeargs"}

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

func start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return err
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	options, err := projectOptions(folder)
	if err != nil {
		return err
	}
	real := filepath.Join(filepath.Dir(self), host+filepath.Ext(self))
	// Flags given by the engine come later and win; its address must stay last.
	return become(real, append(options, os.Args[1:]...))
}

// projectOptions are the flags for the project that a folder belongs to: none when it belongs to none.
func projectOptions(folder string) ([]string, error) {
	for {
		for _, name := range []string{"Pulumi.yaml", "Pulumi.yml", "Pulumi.json"} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err == nil {
				return readOptions(text)
			}
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil, nil
		}
		folder = parent
	}
}

// readOptions turns runtime.options of a project file into flags. runtime may also be a mere name.
func readOptions(text []byte) ([]string, error) {
	var project struct {
		Runtime yaml.Node `yaml:"runtime"`
	}
	var runtime struct {
		Options map[string]yaml.Node `yaml:"options"`
	}
	if err := yaml.Unmarshal(text, &project); err != nil {
		return nil, fmt.Errorf("the project file is not YAML")
	}
	if project.Runtime.Kind != yaml.MappingNode {
		return nil, nil
	}
	if err := project.Runtime.Decode(&runtime); err != nil {
		return nil, fmt.Errorf("runtime.options of the project file is not a map")
	}
	var arguments []string
	for _, name := range flags {
		option, given := runtime.Options[name]
		if !given {
			continue
		}
		if option.Kind != yaml.ScalarNode || strings.ContainsAny(option.Value, "\n\r") {
			return nil, fmt.Errorf("runtime.options.%s of the project file is not one line of text", name)
		}
		arguments = append(arguments, "-"+name+"="+option.Value)
	}
	return arguments, nil
}
