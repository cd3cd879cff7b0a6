package main

import (
	"context"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

type revokeCmd struct {
	grammar.Revoke
}

// Run ends access early.
func (c *revokeCmd) Run(ctx context.Context, a *app) error {
	r, err := a.client.Revoke(ctx, engine.Verdict{RequestID: c.ID.String(), Comment: c.Reason})
	if err != nil {
		return err
	}
	return a.brief(r)
}
