package slack_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/slack"
	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

const (
	requests  = "CREQUESTS"
	incidents = "CINCIDENTS"
	alice     = "UALICE"
	bob       = "UBOB"
	carol     = "UCAROL"
)

// deleteMessage deletes a message of the bot's, as an administrator would.
func (r *rig) deleteMessage(m slacksim.Message) error {
	api := sdk.New(r.sim.BotToken(), sdk.OptionAPIURL(r.url))
	_, _, err := api.DeleteMessageContext(r.ctx(), m.Channel, m.TS)
	return err
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a daemon's worth of parts, on a simulated Slack.
type rig struct {
	*testing.T
	sim    *slacksim.Server
	url    string
	clock  *clock
	eng    *engine.Engine
	store  engine.Store
	cloud  *sandbox.Cloud
	client *slack.Client
	desk   *bot.Desk
	stop   func()        // ends Run
	ended  chan struct{} // closed when it has
}

type setup struct {
	sim    slacksim.Options
	slack  slack.Options
	places bot.Places
	policy rules
	limits engine.Limits
	more   map[string]engine.Platform
	fault  func(op string, a engine.Access) sandbox.Fault
	log    *slog.Logger
}

// newRig makes the parts and connects them.
func newRig(t *testing.T, change ...func(*setup)) *rig {
	t.Helper()
	s := setup{sim: slacksim.OddCompany(), policy: company, log: slog.New(slog.DiscardHandler)}
	if os.Getenv("SLACK_LOG") != "" {
		s.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s.sim.Seed = 7
	s.slack = slack.Options{Channel: requests, AlertChannels: []string{incidents}, AlertMention: "channel", Connections: 2, Groups: map[string]string{"security": "SSECURITY"}}
	for _, c := range change {
		c(&s)
	}
	r := &rig{T: t, clock: &clock{now: time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)}}
	var err error
	if r.sim, err = slacksim.New(s.sim); err != nil {
		t.Fatalf("simulator: %v", err)
	}
	srv := httptest.NewServer(r.sim.BotHandler())
	t.Cleanup(func() { r.sim.Close(); srv.Close() })
	r.url = srv.URL + "/api/"
	s.slack.BotToken, s.slack.AppToken, s.slack.APIURL = r.sim.BotToken(), r.sim.AppToken(), r.url
	s.slack.Log, s.slack.Now = s.log, r.clock.Now
	if r.client, err = slack.New(s.slack); err != nil {
		t.Fatalf("client: %v", err)
	}
	r.engine(s)
	r.run(s.slack.Connections)
	return r
}

func (r *rig) engine(s setup) {
	r.Helper()
	var err error
	r.store, err = bolt.Open(filepath.Join(r.TempDir(), "jitsudo.db"), bolt.Options{})
	if err != nil {
		r.Fatalf("store: %v", err)
	}
	r.Cleanup(func() { _ = r.store.Close() })
	if r.cloud, err = sandbox.New(sandbox.Options{Now: r.clock.Now, Fault: s.fault}); err != nil {
		r.Fatalf("sandbox: %v", err)
	}
	if s.places.Channel == "" {
		s.places = bot.Places{Channel: requests, Alerts: []string{incidents}}
	}
	platforms := map[string]engine.Platform{"sandbox": {Provider: r.cloud}}
	maps.Copy(platforms, s.more)
	r.eng, err = engine.New(r.Context(), engine.Options{
		Store: r.store, Policy: s.policy, Notifier: bot.NewBoard(r.client, s.places, s.log), Log: s.log, Now: r.clock.Now,
		Directory: people{"alice@example.com": {"sre"}, "bob@example.com": {"sre-leads"}, "carol@example.com": {"security", "jitsudo-admins"}},
		Platforms: platforms, Limits: s.limits, Admins: []string{"jitsudo-admins"},
	})
	if err != nil {
		r.Fatalf("engine: %v", err)
	}
	r.desk = bot.NewDesk(r.eng, s.log)
}

// run connects the client until the test ends.
func (r *rig) run(connections int) {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.ended = cancel, make(chan struct{})
	go func() {
		defer close(r.ended)
		if err := r.client.Run(ctx, r.desk); err != nil {
			r.Errorf("run: %v", err)
		}
	}()
	r.Cleanup(func() {
		cancel()
		<-r.ended
	})
	r.wait("the connections", func() bool { return r.sim.Connections() == connections })
}

func (r *rig) ctx() context.Context {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	r.Cleanup(cancel)
	return ctx
}

// wait fails the test unless cond comes to hold.
func (r *rig) wait(what string, cond func() bool) {
	r.Helper()
	if err := r.sim.Wait(r.ctx(), cond); err != nil {
		r.Fatalf("waiting for %s: %v", what, err)
	}
}

// sweep lets the engine do everything that is due.
func (r *rig) sweep() {
	r.Helper()
	if err := r.eng.Sweep(r.ctx()); err != nil {
		r.Fatalf("sweep: %v", err)
	}
}

// later moves the clock and sweeps.
func (r *rig) later(d time.Duration) {
	r.Helper()
	r.clock.Add(d)
	r.sweep()
}
