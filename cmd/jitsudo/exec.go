package main

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// The codes of a command that could not be run, as shells have them.
const (
	exitCannotRun = 126
	exitNoCommand = 127
)

type execCmd struct {
	ID      grammar.ID   `arg:"" help:"Request ID."`
	Command []string     `arg:"" optional:"" passthrough:"" help:"The command, after --."`
	Grace   grammar.Span `help:"How long the command may take to end once the access has." default:"10s" placeholder:"<duration>"`
}

// Validate wants the command apart from our own flags.
func (c execCmd) Validate() error {
	if len(c.words()) == 0 {
		return invalid("Say what to run: the command is missing.").WithHint("Write `jitsudo exec ID -- COMMAND ARGUMENTS`.")
	}
	return nil
}

func (c execCmd) words() []string {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		return c.Command[1:]
	}
	return c.Command
}

// Run runs a command with the access and ends with its code.
func (c *execCmd) Run(ctx context.Context, a *app) error {
	if !a.separated {
		return invalid("The command must stand after \"--\".").WithHint("Write `jitsudo exec ID -- COMMAND ARGUMENTS`.")
	}
	return a.elevate(ctx, elevation{id: c.ID.String(), command: c.words(), grace: time.Duration(c.Grace)})
}

// An elevation is a command that is to run with an access.
type elevation struct {
	id      string
	command []string
	grace   time.Duration
}

// elevate runs a command with the access of a request. The command is looked up
// before credentials are minted, so that none are minted in vain.
func (a *app) elevate(ctx context.Context, e elevation) error {
	path, err := a.find(e.command[0])
	if err != nil {
		return err
	}
	r, err := a.client.Get(ctx, e.id)
	if err != nil {
		return err
	}
	asked := time.Now()
	creds, err := a.client.Credentials(ctx, e.id)
	if err != nil {
		return err
	}
	environ, tidy, err := environment(a.environ, r, creds)
	if err != nil {
		return err
	}
	// How long is left is what the daemon says, whatever this machine's clock shows.
	deadline := asked.Add(creds.ExpiresAt.Sub(creds.IssuedAt))
	cmd := &exec.Cmd{Path: path, Args: e.command, Env: environ, Stdin: a.in, Stdout: a.out, Stderr: a.err}
	code, err := child{cmd: cmd, app: a, deadline: deadline, grace: e.grace}.run()
	if err := errors.Join(err, tidy()); err != nil {
		return err
	}
	return outcome{code: code}
}

// find looks a command up the way a shell does.
func (a *app) find(name string) (string, error) {
	path, err := exec.LookPath(name)
	switch {
	case err == nil, errors.Is(err, exec.ErrDot) && strings.Contains(name, "/"):
		return path, nil
	case errors.Is(err, fs.ErrPermission):
		return "", outcome{exitCannotRun, engine.Refuse(engine.ErrInvalid, "%s may not be run.", engine.OneLine(name, 100))}
	}
	return "", outcome{exitNoCommand, engine.Refuse(engine.ErrInvalid, "There is no command %s.", engine.OneLine(name, 100))}
}
