package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// warnBefore is when the person is told that the access is about to end.
const warnBefore = time.Minute

// A child is a command that runs until it ends or its access does.
type child struct {
	cmd      *exec.Cmd
	app      *app
	deadline time.Time
	grace    time.Duration // between the request to end and the end
}

// run starts the child and returns its exit code, 128+n when signal n ended it.
//
// At a terminal the child shares our process group, so that the terminal's own
// signals reach it and job control works as if we were not there. Elsewhere it
// has a group of its own, and every signal we get is passed on to all of it.
func (c child) run() (int, error) {
	shared := terminal(c.app.in)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, concerning...)
	if !shared { // at a terminal we simply stop, as the child does
		signal.Notify(signals, syscall.SIGTSTP)
	}
	defer signal.Stop(signals)

	// The kernel ends the child with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.cmd.SysProcAttr = attributes(shared)
	if err := c.cmd.Start(); err != nil {
		return exitCannotRun, outcome{exitCannotRun, engine.Refuse(engine.ErrInvalid, "%s cannot be run.", engine.OneLine(c.cmd.Args[0], 100)).WithHint("The system says: %v.", err)}
	}
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }() // received below
	return code(c.watch(signals, ended, shared))
}

// watch passes signals on and keeps the deadline until the child has ended.
func (c child) watch(signals <-chan os.Signal, ended <-chan error, shared bool) error {
	warned, asked := false, time.Time{}
	for {
		now := time.Now().Round(0) // the wall clock: a machine that slept has slept
		left := c.deadline.Round(0).Sub(now)
		switch {
		case left <= 0 && asked.IsZero():
			c.app.note("the access has ended; asking the command to end")
			c.signal(syscall.SIGTERM, shared)
			asked = now
		case left <= 0 && now.Sub(asked) >= c.grace:
			c.signal(syscall.SIGKILL, shared)
			return <-ended
		case left <= warnBefore && !warned && asked.IsZero():
			c.app.note("warning: the access ends in %s", engine.FormatDuration(left.Round(time.Second)))
			warned = true
		}
		timer := time.NewTimer(c.pause(left, now, asked))
		select {
		case err := <-ended:
			timer.Stop()
			return err
		case s := <-signals:
			timer.Stop()
			c.pass(s, shared)
		case <-timer.C:
		}
	}
}

// pause is how long nothing can become due; never long, since a machine can
// sleep and wake.
func (c child) pause(left time.Duration, now, asked time.Time) time.Duration {
	next := left
	switch {
	case left > warnBefore:
		next = left - warnBefore
	case left <= 0:
		next = c.grace - now.Sub(asked)
	}
	return min(max(next, time.Millisecond), 10*time.Second)
}

// pass hands a signal on, unless the terminal has done so already.
func (c child) pass(s os.Signal, shared bool) {
	n, ok := s.(syscall.Signal)
	if !ok || shared && n != syscall.SIGTERM && n != syscall.SIGUSR1 && n != syscall.SIGUSR2 {
		return
	}
	c.signal(n, shared)
	if n == syscall.SIGTSTP { // stop as well; SIGCONT wakes us and is passed on
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	}
}

func (c child) signal(n syscall.Signal, shared bool) {
	pid := c.cmd.Process.Pid
	if !shared {
		pid = -pid // all of its group
	}
	_ = syscall.Kill(pid, n) // it may have ended already
}

// code returns the exit code that a finished command stands for.
func code(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return exitOK, nil
	case !errors.As(err, &exit):
		return exitFailed, fmt.Errorf("run command: %w", err)
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// concerning are the signals that concern the child as much as us.
var concerning = []os.Signal{
	syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGWINCH, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCONT,
}
