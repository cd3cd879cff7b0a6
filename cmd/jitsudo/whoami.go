package main

import (
	"context"
	"fmt"
	"strings"
)

type whoamiCmd struct{}

// Run shows the caller as the daemon sees them.
func (whoamiCmd) Run(ctx context.Context, a *app) error {
	me, err := a.client.Whoami(ctx)
	if err != nil {
		return err
	}
	if a.words.Quiet {
		return a.line(me.Identity)
	}
	rights := "what concerns their own requests"
	switch {
	case me.Admin:
		rights = "everything (admin)"
	case me.SeesAll:
		rights = "everything (auditor)"
	}
	return a.answer(me, func() error {
		return a.facts([]fact{
			{"Identity", me.Identity}, {"Name", me.Name}, {"Groups", firstOf(strings.Join(me.Groups, ", "), "none")}, {"Trust tier", fmt.Sprint(me.TrustTier)},
			{"May see", rights}, {"Known by", strings.TrimSpace(me.Account.System + " " + me.Account.Subject)},
		})
	})
}
