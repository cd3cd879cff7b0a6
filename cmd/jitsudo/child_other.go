//go:build !linux

package main

import "syscall"

// attributes has no way to tie the child's life to ours outside of Linux.
func attributes(shared bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !shared}
}
