package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/user"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/httpapi"
	"github.com/jitsudo-chat/jitsudo/policies"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

const (
	accessWorkers = 8
	cardWorkers   = 4
	// recoverFor bounds how long a start waits for what is overdue.
	recoverFor = 10 * time.Second
	// stopFor bounds how long a stop waits for calls that are being answered.
	stopFor = 5 * time.Second
)

// daemon is everything, put together and not yet running.
type daemon struct {
	cfg    *config.Config
	log    *slog.Logger
	store  *bolt.Store
	policy *policies.Evaluator
	chat   *chat // nil without Slack
	eng    *engine.Engine
	api    http.Handler

	troubles troubles
}

// given are parts that the caller made already.
type given struct {
	sandbox *sandbox.Cloud // nil: as configured
	log     *slog.Logger
}

// assemble puts a daemon together from its configuration. Nothing runs yet, but
// the store is open: call close.
func assemble(ctx context.Context, cfg *config.Config, g given) (d *daemon, err error) {
	d = &daemon{cfg: cfg, log: g.log}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	people, err := newDirectory(cfg.Directory.Groups)
	if err != nil {
		return d, err
	}
	// What is wrong with policies or chat must not keep access from ending: the
	// daemon runs, refuses, and says so.
	d.policy, err = policies.New(cfg.Policies.Dir, policies.Options{Log: d.log, OnReload: d.recordReload})
	if d.policy == nil {
		return d, fmt.Errorf("policies: %w", err)
	}
	d.trouble(partPolicies, err)
	platforms, err := openProviders(cfg.Providers, g.sandbox)
	if err != nil {
		return d, err
	}
	var notifier engine.Notifier
	if cfg.Slack != nil {
		c, err := newChat(cfg.Slack, d.log, &d.troubles)
		if err != nil {
			d.trouble(partSlack, err)
		} else {
			d.chat, notifier = c, c.board(cfg.Slack)
		}
	}
	if d.store, err = bolt.Open(cfg.Store.Path, bolt.Options{MaxSize: cfg.Store.MaxSize.Or(config.DefaultMaxSize), Log: d.log}); err != nil {
		return d, err
	}
	d.eng, err = engine.New(ctx, engine.Options{
		Store: d.store, Policy: d.policy, Directory: people, Notifier: notifier, Platforms: platforms, Limits: cfg.Requests.Limits(),
		Admins: cfg.Auth.Admins, Auditors: cfg.Auth.Auditors, Sole: true, Log: d.log,
	})
	if err != nil {
		return d, err
	}
	d.api, err = d.newAPI()
	return d, err
}

func (d *daemon) newAPI() (http.Handler, error) {
	tokens, err := configuredTokens(d.cfg.Auth.Tokens)
	if err != nil {
		return nil, err
	}
	local := localUsers{d.cfg.Auth.Local, user.LookupId}
	return httpapi.New(httpapi.Options{
		Engine: d.eng, Tokens: tokens, Local: local.person, Version: version(), Ready: d.ready, Log: d.log,
	})
}

func configuredTokens(all []config.Token) (httpapi.Tokens, error) {
	list := make([]httpapi.Token, 0, len(all))
	for _, t := range all {
		digest, err := httpapi.ParseDigest(t.SHA256)
		if err != nil {
			return httpapi.Tokens{}, fmt.Errorf("auth.tokens: %q: %w", t.Name, err)
		}
		list = append(list, httpapi.Token{Name: t.Name, Principal: t.Principal, Digest: digest})
	}
	return httpapi.NewTokens(list...)
}

// ready says why the daemon cannot do its work just now.
func (d *daemon) ready() error {
	if err := d.store.Err(); err != nil {
		return err
	}
	if n := len(d.store.Damaged()); n > 0 {
		// Anybody may ask whether the daemon is ready, so no names here.
		return engine.Refuse(engine.ErrUnavailable, "The records of %d requests cannot be read: access that they gave does not end by itself.", n).
			WithHint("The daemon's log names them.")
	}
	if err := d.troubles.first(); err != nil {
		return engine.Refuse(engine.ErrUnavailable, "%s", engine.OneLine(err.Error(), 500))
	}
	if d.policy.Revision() == "" {
		return engine.Refuse(engine.ErrUnavailable, "No policy is in force, so everything is refused.").WithHint("Put one into %s.", d.cfg.Policies.Dir)
	}
	return nil
}

// recordReload puts a reload of the policies into the audit log.
func (d *daemon) recordReload(r policies.Report) {
	outcome, details := engine.Success, map[string]any{"revision": r.Revision, "previous": r.Previous, "tests": r.Tests}
	if r.Err != nil {
		outcome = engine.Failure
		details["error"] = engine.OneLine(r.Err.Error(), 500)
		say := "policies not reloaded, the old ones stay in force"
		if r.Revision == "" {
			say = "no policy is in force, so everything is refused"
		}
		d.log.Error(say, "error", r.Err)
	}
	if r.Revision != "" { // the old ones or the new ones decide
		d.troubles.set(partPolicies, nil)
	}
	for _, w := range r.Warnings {
		d.log.Warn("policy", "warning", w)
	}
	if d.eng == nil { // the first load, before there is a log to write to
		return
	}
	if err := d.eng.Record(context.Background(), engine.Event{Action: engine.EvReloaded, Outcome: outcome, Details: details}); err != nil {
		d.log.Error("record reload", "error", err)
	}
}

// run serves until ctx ends. What is overdue is taken away before anything is
// served; access and its end go on whatever happens to policies, doors and chat.
func (d *daemon) run(ctx context.Context, hangup <-chan os.Signal, ready func()) error {
	if err := d.recordStart(ctx); err != nil {
		return err
	}
	if err := d.eng.Recover(ctx, recoverFor); err != nil {
		return fmt.Errorf("take away what is overdue: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	d.startAccess(ctx, g)
	g.Go(func() error { return retrying(ctx, partPolicies, d.log, d.policy.Run) })
	g.Go(func() error { return d.reloadOn(ctx, hangup) })
	if d.chat != nil {
		g.Go(func() error { return d.chat.run(ctx, bot.NewDesk(d.eng, d.log)) })
	}
	server := httpapi.Server(d.api, d.log)
	for _, door := range doors(d.cfg.Server) {
		d.serveAt(ctx, g, server, door)
	}
	g.Go(func() error { return shutDown(ctx, server, d.log) })
	notifyReady(d.log)
	if ready != nil {
		ready()
	}
	d.log.Info("serving", "socket", d.cfg.Server.Socket, "listen", d.cfg.Server.Listen, "slack", d.chat != nil, "version", version())
	return g.Wait()
}

func (d *daemon) recordStart(ctx context.Context) error {
	err := d.eng.Record(ctx, engine.Event{Action: engine.EvConfigLoaded, Details: map[string]any{
		"config_sha256": d.cfg.Digest, "policy_revision": d.policy.Revision(), "version": version(),
	}})
	switch {
	case errors.Is(err, bolt.ErrFull):
		// The room that is left is for the ends of accesses, and they need a daemon.
		d.log.Error("the start is not in the audit log", "error", err)
	case err != nil:
		return fmt.Errorf("write to the audit log: %w", err)
	}
	return nil
}

// startAccess starts what gives and takes access.
func (d *daemon) startAccess(ctx context.Context, g *errgroup.Group) {
	for range accessWorkers {
		g.Go(func() error { return d.eng.Run(ctx, engine.AccessQueue) })
	}
	for range cardWorkers {
		g.Go(func() error { return d.eng.Run(ctx, engine.CardQueue) })
	}
	g.Go(func() error { return byTheClock(ctx, "@every 30s", d.eng.Ring) })
	g.Go(func() error { return d.reconcile(ctx) })
	g.Go(func() error {
		return watchdog(ctx, func() error { return errors.Join(d.store.Err(), d.eng.Alive()) }, d.log)
	})
}

// serveAt opens a door and serves there. One that cannot be opened is tried again.
func (d *daemon) serveAt(ctx context.Context, g *errgroup.Group, server *http.Server, at door) {
	l, err := at.open()
	d.trouble(at.name, err)
	g.Go(func() error {
		return retrying(ctx, at.name, d.log, func(context.Context) error {
			if l == nil {
				if l, err = at.open(); err != nil {
					return err
				}
				d.troubles.set(at.name, nil)
			}
			defer func() { l = nil }()
			return serveUntilClosed(server, l)
		})
	})
}

// trouble says what is wrong with a part, in the log and to whoever asks.
func (d *daemon) trouble(part string, err error) {
	d.troubles.set(part, err)
	if err != nil {
		d.log.Error("trouble with "+part, "error", err)
	}
}

// reconcile looks at start and every five minutes for access that belongs to no
// live request.
func (d *daemon) reconcile(ctx context.Context) error {
	look := func() {
		if err := d.eng.Reconcile(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("reconcile", "error", err)
		}
	}
	look()
	return byTheClock(ctx, "@every 5m", look)
}

// reloadOn reads the policies anew when asked by a signal.
func (d *daemon) reloadOn(ctx context.Context, hangup <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			// What came of it is told to recordReload.
			_, _ = d.policy.Reload(ctx)
		}
	}
}

// close gives the store back.
func (d *daemon) close() error {
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}
