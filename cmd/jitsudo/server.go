package main

import (
	"context"
	"errors"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/client"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

type serverCmd struct {
	Status  serverStatusCmd  `cmd:"" help:"Is the daemon there, and can it do its work?"`
	Version serverVersionCmd `cmd:"" help:"Which version is the daemon?"`
}

type serverStatusCmd struct{}

// Run succeeds when the daemon can do its work.
func (serverStatusCmd) Run(ctx context.Context, a *app) error {
	build, err := a.client.Version(ctx)
	if err != nil {
		return err
	}
	status := struct {
		wire.Build
		Ready  bool   `json:"ready"`
		Reason string `json:"reason,omitempty"`
	}{Build: build}
	notReady := a.client.Ready(ctx)
	if errors.Is(notReady, client.ErrUnreachable) {
		return notReady
	}
	status.Ready = notReady == nil
	state := "ready"
	if notReady != nil {
		status.Reason = engine.Explain(notReady)
		state = "not ready: " + status.Reason
	}
	err = a.answer(status, func() error {
		return a.facts([]fact{{"Status", state}, {"Version", build.Version}, {"Providers", strings.Join(build.Providers, ", ")}})
	})
	if err == nil && notReady != nil {
		return outcome{code: exitFailed}
	}
	return err
}

type serverVersionCmd struct{}

// Run prints both versions.
func (serverVersionCmd) Run(ctx context.Context, a *app) error {
	build, err := a.client.Version(ctx)
	if err != nil {
		return err
	}
	return a.answer(build, func() error {
		return a.facts([]fact{{"Server", build.Version}, {"Go", build.Go}, {"Client", version()}})
	})
}
