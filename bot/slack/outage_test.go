package slack_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestOutage_CardsCatchUp: access ends while Slack is down; afterwards the card
// says so, and everything is told once.
func TestOutage_CardsCatchUp(t *testing.T) {
	for name, outage := range map[string]slacksim.Outage{"answering 503": slacksim.Unavailable, "hanging up": slacksim.HangingUp} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := r.ask("request sandbox viewer prod 20m look")
			r.wantState(q, engine.Active)
			r.sim.SetOutage(outage)
			r.later(20 * time.Minute)
			r.wantState(q, engine.Expired)
			if r.cloud.Try("alice@example.com", "prod", "read") {
				t.Error("the access is still there")
			}
			r.later(time.Minute)
			r.sim.SetOutage(slacksim.Up)
			r.wait("the connections", func() bool { return r.sim.Connections() == 2 })
			r.later(time.Minute)
			r.wantText("the card", textOf(r.card(q)), "Access has ended")
			lines := strings.Join(r.thread(q), "\n")
			for _, once := range []string{"The access is live until", "Time is up.", "The access is gone."} {
				if n := strings.Count(lines, once); n != 1 {
					t.Errorf("%q is told %d times, want once", once, n)
				}
			}
			r.wantText("a command afterwards", r.say(alice, "mine"), "EXPIRED")
		})
	}
}

// TestOutage_PartWay: what was told before the failure is not told again.
func TestOutage_PartWay(t *testing.T) {
	r := newRig(t)
	var calls atomic.Int32
	r.sim.SetFaults(slacksim.Faults{API: func(method string) slacksim.Fault {
		if method == "chat.postMessage" {
			if calls.Add(1) == 4 { // card, call, first line, then this
				return slacksim.Fault{Status: 500}
			}
		}
		return slacksim.Fault{}
	}})
	q := r.ask("request sandbox editor prod 20m please")
	r.press(bob, r.card(q), "approve")
	r.sweep()
	r.later(2 * time.Minute)
	if n := len(r.sim.Messages(requests)); n != 1 {
		t.Errorf("there are %d cards, want one", n)
	}
	lines := strings.Join(r.thread(q), "\n")
	for _, once := range []string{"bob@example.com approved.", "The access is live until"} {
		if n := strings.Count(lines, once); n != 1 {
			t.Errorf("%q is told %d times, want once", once, n)
		}
	}
}

// TestD3_RetryAfter: a Slack that asks to be left alone is left alone so long.
func TestD3_RetryAfter(t *testing.T) {
	r := newRig(t)
	r.sim.RateLimit("chat.postMessage", 1, 90*time.Second)
	q := r.ask("request sandbox editor prod 20m please")
	if at := r.get(q.ID).Drawing.NextAt; at.Sub(r.clock.Now()) != 90*time.Second {
		t.Errorf("the next try is in %s, want 1m30s", at.Sub(r.clock.Now()))
	}
	r.later(90 * time.Second)
	r.wantText("the card", textOf(r.card(q)), "Waiting for approval")
}

// TestConnections_OneLeft: while one connection is recycled the other serves.
func TestConnections_OneLeft(t *testing.T) {
	r := newRig(t)
	if !r.sim.DisconnectOne("refresh_requested") {
		t.Fatal("there was no connection")
	}
	for range 5 {
		r.wantText("the answer", r.say(alice, "mine"), "There is nothing to show.")
	}
	r.wait("two connections again", func() bool { return r.sim.Connections() == 2 })
}

// TestConnections_UnknownEnvelope is acknowledged and harms nothing.
func TestConnections_UnknownEnvelope(t *testing.T) {
	r := newRig(t)
	for _, kind := range []string{"something_new", "interactive", "events_api"} {
		out, err := r.sim.Forge(r.ctx(), kind, map[string]any{"type": "never_heard_of", "event": map[string]any{"type": "new"}})
		if err != nil || out.Code != "" {
			t.Errorf("%s: %v %s", kind, err, out.Code)
		}
	}
	r.wantText("the answer", r.say(alice, "mine"), "There is nothing to show.")
}

// TestI5_LostClick: a click that never arrives changes nothing.
func TestI5_LostClick(t *testing.T) {
	r := newRig(t, func(s *setup) { s.sim.Timing.Ack = 50 * time.Millisecond })
	q := r.ask("request sandbox editor prod 20m please")
	r.sim.SetFaults(slacksim.Faults{Envelope: func(string) slacksim.EnvelopeFault { return slacksim.EnvelopeFault{Lose: true} }})
	seen, err := r.sim.Person(bob).Press(r.ctx(), requests, r.card(q).TS, "deny")
	if err != nil || seen.Warning == "" {
		t.Errorf("the click was not lost: %v", err)
	}
	r.wantState(q, engine.Pending)
}

// TestCard_DeletedIsPostedAgain: somebody deletes the card; the next change
// posts it again, and the new one counts.
func TestCard_DeletedIsPostedAgain(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox admin prod 20m please")
	old := r.card(q)
	if err := r.deleteMessage(old); err != nil {
		t.Fatal(err)
	}
	r.say(bob, "approve "+q.ID)
	r.sweep()
	if now := r.card(q); now.TS == old.TS {
		t.Error("the card was not posted again")
	}
	r.wantText("the new card", r.press(carol, r.card(q), "approve"), "You approved")
}

// TestI5_StrangeConnection: more connections than this process has are noticed.
func TestI5_StrangeConnection(t *testing.T) {
	var log syncBuffer
	r := newRig(t, func(s *setup) { s.log = slog.New(slog.NewTextHandler(&log, nil)) })
	if strings.Contains(log.String(), "more connections") {
		t.Error("our own two connections are complained about")
	}
	thief := socketmode.New(sdk.New("xoxb-none", sdk.OptionAPIURL(r.url), sdk.OptionAppLevelToken(r.sim.AppToken())))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- thief.RunContext(ctx) }()
	defer func() { cancel(); <-ended }()
	r.wait("a third connection", func() bool { return r.sim.Connections() == 3 })
	for range 3 { // until one of ours is greeted anew
		r.sim.DisconnectOne("refresh_requested")
		r.wait("three connections", func() bool { return r.sim.Connections() == 3 })
	}
	r.wait("a complaint", func() bool { return strings.Contains(log.String(), "more connections to Slack than this process has") })
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
