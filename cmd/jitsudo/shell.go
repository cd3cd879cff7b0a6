package main

import (
	"context"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
)

type shellCmd struct {
	ID    grammar.ID   `arg:"" help:"Request ID."`
	Shell string       `help:"Which shell (SHELL, else /bin/sh)." placeholder:"<path>"`
	Grace grammar.Span `help:"How long the shell may take to end once the access has." default:"10s" placeholder:"<duration>"`
}

// Run opens a shell with the access and ends with its code.
func (c *shellCmd) Run(ctx context.Context, a *app) error {
	shell := firstOf(c.Shell, a.env("SHELL"), "/bin/sh")
	a.note("this shell has the access of %s; leave it to give up the use of it", c.ID)
	return a.elevate(ctx, elevation{id: c.ID.String(), command: []string{shell}, grace: time.Duration(c.Grace)})
}
