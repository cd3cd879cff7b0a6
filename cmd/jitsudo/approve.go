package main

import (
	"context"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

type approveCmd struct {
	grammar.Approve
}

// Run says yes.
func (c *approveCmd) Run(ctx context.Context, a *app) error {
	r, err := a.client.Approve(ctx, engine.Verdict{RequestID: c.ID.String(), Comment: c.Comment, Duration: time.Duration(c.Duration)})
	if err != nil {
		return err
	}
	return a.brief(r)
}
