package slack_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// people is the directory of the small company.
type people map[string][]string

func (p people) Lookup(_ context.Context, id string) (engine.Principal, error) {
	groups, ok := p[id]
	if !ok {
		return engine.Principal{}, engine.ErrNotFound
	}
	return engine.Principal{ID: id, Groups: groups}, nil
}

// rules is a policy in a function.
type rules func(engine.Question) engine.Decision

func (f rules) Decide(_ context.Context, q engine.Question) (engine.Decision, error) {
	d := f(q)
	d.Revision = "test"
	return d, nil
}

func (rules) Revision() string { return "test" }

// company is the policy of the small company: viewers at once, break-glass for
// those on duty, the rest by its leads or by security; "admin" on prod by both.
func company(q engine.Question) engine.Decision {
	leads := []string{"sre-leads", "security"}
	switch q.Action {
	case engine.ActBreakGlass:
		return engine.Decision{Allowed: q.User.In("sre"), Reasons: []string{"Break-glass is for those on duty."}, Terms: engine.Terms{Tier: engine.TierAuto, ApproverGroups: leads}}
	case engine.ActRequest:
		if q.Request.Target.Role == "viewer" {
			return engine.Decision{Allowed: true, Terms: engine.Terms{Tier: engine.TierAuto}}
		}
		n := 1
		if q.Request.Target.Role == "admin" && q.Request.Target.Scope == "prod" {
			n = 2
		}
		return engine.Decision{Allowed: true, Terms: engine.Terms{Required: n, ApproverGroups: leads}}
	}
	ok := q.User.In("sre-leads") || q.User.In("security")
	return engine.Decision{Allowed: ok, Reasons: []string{"Only the leads and security decide on this."}}
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
	s.slack = slack.Options{Channel: requests, AlertChannels: []string{incidents}, AlertMention: "channel", Groups: map[string]string{"security": "SSECURITY"}}
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
	r.run()
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
func (r *rig) run() {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.client.Run(ctx, r.desk) }()
	r.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("run: %v", err)
		}
	})
	r.wait("two connections", func() bool { return r.sim.Connections() == 2 })
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

// say gives a slash command and returns what the person alone is answered.
func (r *rig) say(who, text string) string {
	r.Helper()
	before := r.answers(who)
	r.slash(who, text)
	r.wait("an answer to "+text, func() bool { return r.answers(who) > before })
	return r.lastAnswer(who)
}

func (r *rig) slash(who, text string) {
	r.Helper()
	seen, err := r.sim.Person(who).Slash(r.ctx(), requests, "/jitsudo", text)
	if err != nil || seen.Warning != "" {
		r.Fatalf("/jitsudo %s: %v %s", text, err, seen.Warning)
	}
}

func (r *rig) answers(who string) int { return len(r.sim.Ephemerals(who)) }

func (r *rig) lastAnswer(who string) string {
	r.Helper()
	all := r.sim.Ephemerals(who)
	if len(all) == 0 {
		r.Fatalf("%s was answered nothing", who)
	}
	return textOf(all[len(all)-1])
}

// press presses a button of a message, agrees to what is asked, and returns the answer.
func (r *rig) press(who string, m slacksim.Message, action string) string {
	r.Helper()
	before := r.answers(who)
	r.click(who, m, action)
	r.wait("an answer to "+action, func() bool { return r.answers(who) > before })
	return r.lastAnswer(who)
}

func (r *rig) click(who string, m slacksim.Message, action string) {
	r.Helper()
	seen, err := r.sim.Person(who).Press(r.ctx(), m.Channel, m.TS, action)
	if err == nil && seen.Confirm != nil {
		seen, err = r.sim.Person(who).Agree(r.ctx(), seen.Confirm)
	}
	if err != nil || seen.Warning != "" {
		r.Fatalf("press %s: %v %s", action, err, seen.Warning)
	}
}

// ask makes a request in one line and draws it.
func (r *rig) ask(line string) engine.Request {
	r.Helper()
	r.say(alice, line)
	r.sweep()
	return r.newest()
}

func (r *rig) newest() engine.Request {
	r.Helper()
	page, err := r.store.List(r.ctx(), engine.Filter{PageSize: 1})
	if err != nil || len(page.Requests) == 0 {
		r.Fatalf("there is no request: %v", err)
	}
	return page.Requests[0]
}

func (r *rig) get(id string) engine.Request {
	r.Helper()
	q, err := r.store.Get(r.ctx(), id)
	if err != nil {
		r.Fatalf("get: %v", err)
	}
	return q
}

// message returns a message as it is in Slack now.
func (r *rig) message(m engine.Message) slacksim.Message {
	r.Helper()
	all := r.sim.Messages(m.Channel)
	for _, x := range append(all, r.threads(m.Channel, all)...) {
		if x.TS == m.ID {
			return x
		}
	}
	r.Fatalf("there is no message %+v", m)
	return slacksim.Message{}
}

func (r *rig) threads(channel string, parents []slacksim.Message) []slacksim.Message {
	var all []slacksim.Message
	for _, p := range parents {
		all = append(all, r.sim.Thread(channel, p.TS)...)
	}
	return all
}

func (r *rig) card(q engine.Request) slacksim.Message {
	r.Helper()
	return r.message(r.get(q.ID).Drawing.Card)
}

func (r *rig) callOf(q engine.Request) slacksim.Message {
	r.Helper()
	return r.message(r.get(q.ID).Drawing.Call)
}

// thread returns the lines below a request's card.
func (r *rig) thread(q engine.Request) []string {
	r.Helper()
	d := r.get(q.ID).Drawing
	var lines []string
	for _, m := range r.sim.Thread(d.Card.Channel, d.Card.ID) {
		if m.TS != d.Card.ID && m.TS != d.Call.ID {
			lines = append(lines, textOf(m))
		}
	}
	return lines
}

func (r *rig) dms(who string) []string {
	var all []string
	for _, m := range r.sim.DM(who) {
		all = append(all, textOf(m))
	}
	return all
}

func (r *rig) wantState(q engine.Request, want engine.State) {
	r.Helper()
	if got := r.get(q.ID); got.State != want {
		r.Fatalf("state is %s, want %s (%s)", got.State, want, got.Failure)
	}
}

func (r *rig) wantText(what, got string, wants ...string) {
	r.Helper()
	for _, w := range wants {
		if !strings.Contains(got, w) {
			r.Errorf("%s says %q, want %q in it", what, got, w)
		}
	}
}

// refusals returns the reasons on record for which people were turned away.
func (r *rig) refusals() []string {
	r.Helper()
	page, err := r.store.Events(r.ctx(), engine.EventFilter{Action: engine.EvAuthRefused})
	if err != nil {
		r.Fatalf("events: %v", err)
	}
	var all []string
	for _, e := range page.Events {
		why, _ := e.Details["reason"].(string)
		all = append(all, e.Actor+": "+why)
	}
	return all
}

// textOf returns everything that a message shows, with its buttons in brackets.
func textOf(m slacksim.Message) string { return shown(m.Blocks) }

func shown(blocks []any) string {
	var b strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			switch v["type"] {
			case "button":
				fmt.Fprintf(&b, "[%s]", v["action_id"])
				return
			case "date":
				b.WriteString(fmt.Sprint(v["fallback"]))
				return
			}
			if t, ok := v["text"].(string); ok {
				b.WriteString(t)
			}
			for _, k := range []string{"text", "elements", "element", "label"} {
				if _, isText := v[k].(string); !isText {
					walk(v[k])
				}
			}
			if _, isBlock := v["block_id"]; isBlock {
				b.WriteString("\n")
			}
		}
	}
	walk(blocks)
	return b.String()
}

// ids lists the block and action IDs of a message, in order.
func ids(blocks []any) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, k := range []string{"block_id", "action_id"} {
				if id, ok := v[k].(string); ok {
					out = append(out, id)
				}
			}
			walk(v["elements"])
			walk(v["accessory"])
		}
	}
	walk(blocks)
	return out
}

func has(m slacksim.Message, action string) bool { return slices.Contains(ids(m.Blocks), action) }
