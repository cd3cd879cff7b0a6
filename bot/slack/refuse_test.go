package slack_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestI1_RefusedClosed: whoever is not provably a full member of the workspace
// changes nothing, is told why, and is on record.
func TestI1_RefusedClosed(t *testing.T) {
	cases := []struct {
		name   string
		who    string
		breaks func(*rig, *slacksim.Server)
		say    string
	}{
		{"multi-channel guest", "UDAVE", nil, "Guests cannot use jitsudo."},
		{"single-channel guest", "UIVAN", nil, "Guests cannot use jitsudo."},
		{"bot", "UROBOT", nil, "Apps and bots cannot use jitsudo in Slack."},
		{"unconfirmed mail", "UGRACE", nil, "Your e-mail address in Slack is not confirmed."},
		{"still invited", "UHEIDI", nil, "is not accepted yet"},
		{"no mail", bob, func(r *rig, s *slacksim.Server) { r.change(bob, func(u *slacksim.User) { u.Email = "" }) }, "does not say your e-mail address"},
		{"no scope for mail", bob, func(r *rig, s *slacksim.Server) { s.SetScopes(without(s.Scopes(), "users:read.email")...) }, "does not say your e-mail address"},
		{"of another company", bob, func(r *rig, s *slacksim.Server) {
			r.change(bob, func(u *slacksim.User) { u.TeamID, u.IsStranger = "TACME", true })
		}, "members of its own workspace only"},
		{"stranger by flag alone", bob, func(r *rig, s *slacksim.Server) { r.change(bob, func(u *slacksim.User) { u.IsStranger = true }) }, "members of its own workspace only"},
		{"workflow bot", bob, func(r *rig, s *slacksim.Server) { r.change(bob, func(u *slacksim.User) { u.IsWorkflowBot = true }) }, "Apps and bots"},
		{"made a guest a second ago", bob, func(r *rig, s *slacksim.Server) { r.change(bob, func(u *slacksim.User) { u.IsRestricted = true }) }, "Guests cannot use jitsudo."},
		{"look-up fails", bob, func(r *rig, s *slacksim.Server) { s.FailUserInfo(bob, "internal_error") }, "cannot tell just now who you are"},
		{"look-up rate limited", bob, func(r *rig, s *slacksim.Server) { s.RateLimit("users.info", 5, time.Minute) }, "cannot tell just now who you are"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			q := r.ask("request sandbox editor prod 20m please")
			r.say(bob, "mine") // bob is known from a moment ago
			if c.breaks != nil {
				c.breaks(r, r.sim)
			}
			r.wantText("the answer to the click", r.press(c.who, r.card(q), "approve"), c.say)
			r.wantText("the answer to the command", r.say(c.who, "approve "+q.ID), c.say)
			r.wantText("the answer to a request", r.say(c.who, "request sandbox viewer prod 5m me too"), c.say)
			r.wantState(q, engine.Pending)
			if n := len(r.refusals()); n != 3 {
				t.Errorf("%d refusals are on record, want three: %q", n, r.refusals())
			}
			if r.newest().ID != q.ID {
				t.Error("there is a new request")
			}
		})
	}
}

func (r *rig) change(id string, f func(*slacksim.User)) {
	r.Helper()
	if err := r.sim.ChangeUser(id, f); err != nil {
		r.Fatal(err)
	}
}

func without(all []string, one string) []string {
	var out []string
	for _, s := range all {
		if s != one {
			out = append(out, s)
		}
	}
	return out
}

// TestI1_Deactivated: a click that was on its way when its account was
// deactivated does not count.
func TestI1_Deactivated(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "approve")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.sim.Deactivate(bob); err != nil {
		t.Fatal(err)
	}
	r.forge("interactive", click)
	r.wait("a refusal on record", func() bool { return len(r.refusals()) == 1 })
	r.wantText("the refusal", r.refusals()[0], "slack:UBOB", "deactivated")
	r.wantState(q, engine.Pending)
}

func (r *rig) forge(kind string, payload map[string]any) {
	r.Helper()
	out, err := r.sim.Forge(r.ctx(), kind, payload)
	if err != nil {
		r.Fatalf("forge: %v %+v", err, out)
	}
}

// TestI1_ForeignEnvelopes: envelopes of another app or another workspace.
func TestI1_ForeignEnvelopes(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"another app":             func(p map[string]any) { p["api_app_id"] = "AEVIL" },
		"another workspace":       func(p map[string]any) { p["team"] = map[string]any{"id": "TACME"} },
		"no workspace":            func(p map[string]any) { p["team"] = nil },
		"clicker of another team": func(p map[string]any) { p["user"] = map[string]any{"id": bob, "team_id": "TACME"} },
		"another enterprise":      func(p map[string]any) { p["enterprise"] = map[string]any{"id": "EEVIL"} },
		"a user nobody knows":     func(p map[string]any) { p["user"] = map[string]any{"id": "UNOBODY", "team_id": "TEXAMPLE"} },
		"a name instead of an id": func(p map[string]any) { p["user"] = map[string]any{"id": "", "name": "bob", "team_id": "TEXAMPLE"} },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := r.ask("request sandbox editor prod 20m please")
			click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "approve")
			if err != nil {
				t.Fatal(err)
			}
			change(click)
			r.forge("interactive", click)
			r.wait("a refusal on record", func() bool { return len(r.refusals()) == 1 })
			r.wantState(q, engine.Pending)
		})
	}
}

// TestS5_ForgedCard: a card that somebody posts with the bot's own token, with
// the very buttons of a real one, is inert.
func TestS5_ForgedCard(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox admin prod 20m evil")
	real := r.card(q)
	forged, err := r.sim.PostAs("UJITSUDO", slacksim.Message{Channel: requests, Text: "lunch?", Blocks: real.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"approve", "deny"} {
		r.wantText("the answer to "+action, r.press(bob, forged, action), "That button is not on a message that jitsudo posted for this request.")
	}
	r.wantState(q, engine.Pending)
	if n := len(r.refusals()); n != 2 {
		t.Errorf("%d refusals are on record, want two: %q", n, r.refusals())
	}
	r.wantText("the real card", r.press(bob, real, "approve"), "1 of 2")
}

// TestS5_OldCard: a card that was decided while its drawing was on the way.
func TestS5_OldCard(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	old := r.card(q)
	r.press(bob, old, "approve")
	r.wantText("the second click", r.press(carol, old, "approve"), "Too late: the request was already approved by bob@example.com.")
	r.wantText("a late no", r.press(carol, old, "deny"), "Too late: the request was already approved by bob@example.com.")
	r.sweep()
	r.wantState(q, engine.Active)
	if has(r.card(q), "approve") {
		t.Error("the card still has its buttons")
	}
}

// TestS5_ChangedRevision: what was shown is what is decided on.
func TestS5_ChangedRevision(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "approve")
	if err != nil {
		t.Fatal(err)
	}
	action := click["actions"].([]any)[0].(map[string]any)
	action["value"] = strings.Replace(action["value"].(string), ":1", ":2", 1)
	before := r.answers(bob)
	r.forge("interactive", click)
	r.wait("an answer", func() bool { return r.answers(bob) > before })
	r.wantText("the answer", r.lastAnswer(bob), "has changed since you saw it")
	r.wantState(q, engine.Pending)
}

// TestS4_SameClickTwice: the same click told twice counts once.
func TestS4_SameClickTwice(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox admin prod 20m please")
	click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "approve")
	if err != nil {
		t.Fatal(err)
	}
	r.forge("interactive", click)
	r.forge("interactive", click)
	r.wait("two answers", func() bool { return r.answers(bob) == 2 })
	for _, m := range r.sim.Ephemerals(bob) {
		r.wantText("the answer", textOf(m), "Your approval counts: 1 of 2")
	}
	if n := len(r.get(q.ID).Approvals); n != 1 {
		t.Errorf("there are %d approvals, want one", n)
	}
}

// TestS4_SameCommandTwice: a command that arrives in two envelopes makes one request.
func TestS4_SameCommandTwice(t *testing.T) {
	r := newRig(t)
	r.sim.SetFaults(slacksim.Faults{Envelope: func(string) slacksim.EnvelopeFault { return slacksim.EnvelopeFault{Duplicate: true} }})
	r.slash(alice, "request sandbox editor prod 20m please")
	r.wait("two answers", func() bool { return r.answers(alice) == 2 })
	page, err := r.store.List(r.ctx(), engine.Filter{})
	if err != nil || len(page.Requests) != 1 {
		t.Errorf("there are %d requests, want one (%v)", len(page.Requests), err)
	}
}

// TestS1_TwoApproversAtOnce: one of them decides, the other is told so.
func TestS1_TwoApproversAtOnce(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	card := r.card(q)
	var both sync.WaitGroup
	for _, who := range []string{bob, carol} {
		both.Go(func() {
			seen, err := r.sim.Person(who).Press(r.ctx(), card.Channel, card.TS, "approve")
			if err == nil && seen.Confirm != nil {
				_, err = r.sim.Person(who).Agree(r.ctx(), seen.Confirm)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	r.wait("both answers", func() bool { return r.answers(bob) == 1 && r.answers(carol) == 1 })
	r.sweep()
	r.wantState(q, engine.Active)
	said := r.lastAnswer(bob) + r.lastAnswer(carol)
	r.wantText("the answers", said, "You approved", "Too late: the request was already approved by")
	if n := len(r.get(q.ID).Approvals); n != 1 {
		t.Errorf("there are %d approvals, want one", n)
	}
}

// TestI3_SharedChannel: nothing is posted where another company reads along, not
// even when the channel became shared later.
func TestI3_SharedChannel(t *testing.T) {
	r := newRig(t)
	if err := r.sim.ShareExternally(requests, true); err != nil {
		t.Fatal(err)
	}
	q := r.ask("request sandbox editor prod 20m please")
	if n := len(r.sim.Messages(requests)); n != 0 {
		t.Fatalf("%d messages were posted to a shared channel", n)
	}
	r.wantText("the trouble on record", r.get(q.ID).Drawing.Error, "is shared with another company")
	if err := r.sim.ShareExternally(requests, false); err != nil {
		t.Fatal(err)
	}
	r.later(2 * time.Minute)
	r.wantText("the card", textOf(r.card(q)), "Waiting for approval")
}
