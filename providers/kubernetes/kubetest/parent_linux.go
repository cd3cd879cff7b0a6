package kubetest

import "syscall"

// endWithParent has the kernel end a server when the test that started it is
// gone, whatever became of that test.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
