package main

import "syscall"

// attributes ties the child's life to ours: should we be killed, it is too.
func attributes(shared bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !shared, Pdeathsig: syscall.SIGKILL}
}
