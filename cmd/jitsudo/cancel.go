package main

import (
	"context"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

type cancelCmd struct {
	grammar.Cancel
}

// Run withdraws a request.
func (c *cancelCmd) Run(ctx context.Context, a *app) error {
	r, err := a.client.Cancel(ctx, engine.Verdict{RequestID: c.ID.String()})
	if err != nil {
		return err
	}
	return a.brief(r)
}
