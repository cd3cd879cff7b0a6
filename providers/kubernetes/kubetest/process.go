package kubetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A process is one server started by a test, with its output in a file.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when the process has ended and was waited for
}

func launch(log, program string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", filepath.Base(program), err)
	}
	defer out.Close() // the child has its own copy
	cmd := exec.Command(program, args...)
	cmd.Dir = filepath.Dir(log)
	cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=" + os.Getenv("PATH")}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = endWithParent()
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	started := make(chan error)
	go p.run(started) // kill waits for it
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start of %s: %w", filepath.Base(program), err)
	}
	return p, nil
}

// run keeps one system thread for as long as the child lives, since Linux
// sends the parent-death signal when the thread that started the child ends,
// not when the program does. The thread is given up with the goroutine.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // it was killed, or says why in its log
	}
}

// kill ends the process at once and returns when it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // an error means that it is gone already
	<-p.done
}

// tail is the end of what the process said, for a failing test's message.
func (p *process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
