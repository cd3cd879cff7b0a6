package main

import (
	"context"
	"strings"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

type denyCmd struct {
	grammar.Deny
}

// Validate wants the reason that a chat would ask for.
func (c denyCmd) Validate() error {
	if err := c.Deny.Validate(); err != nil {
		return err
	}
	if strings.TrimSpace(c.Reason) == "" {
		return invalid("Say why: --reason is missing.").On("reason")
	}
	return nil
}

// Run says no.
func (c *denyCmd) Run(ctx context.Context, a *app) error {
	r, err := a.client.Deny(ctx, engine.Verdict{RequestID: c.ID.String(), Comment: c.Reason})
	if err != nil {
		return err
	}
	return a.brief(r)
}
