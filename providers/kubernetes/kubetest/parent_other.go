//go:build !linux

package kubetest

import "syscall"

// endWithParent has no such signal to ask for: a test that is killed here
// leaves its servers behind.
func endWithParent() *syscall.SysProcAttr { return nil }
