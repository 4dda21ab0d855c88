package main

import (
	"errors"
	"os"
	"os/exec"
)

// become runs a program in this process's place: same streams, same exit code. Windows cannot replace a process.
func become(program string, arguments []string) error {
	command := exec.Command(program, arguments...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		os.Exit(failed.ExitCode())
	}
	return err
}
