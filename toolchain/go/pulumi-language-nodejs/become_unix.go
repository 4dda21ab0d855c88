//go:build unix

package main

import (
	"os"
	"syscall"
)

// become replaces this process by a program.
func become(program string, arguments []string) error {
	return syscall.Exec(program, append([]string{program}, arguments...), os.Environ())
}
