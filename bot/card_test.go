package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/chattest"
	"github.com/jitsudo-chat/jitsudo/engine"
)

func read(c bot.Card) string {
	s := string(c.Tone) + " | " + c.Title + " | " + c.Text.String()
	for _, f := range c.Facts {
		s += " | " + f.Label + ": " + f.Value.String()
	}
	for _, b := range c.Buttons {
		s += " [" + b.Label + "]"
	}
	return s
}

// TestCardOf_EveryState: the card says where things stand, and has the buttons
// of that state and no others.
func TestCardOf_EveryState(t *testing.T) {
	what := map[engine.State]string{
		engine.Pending:  "waiting | Waiting for approval |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m | Approval: 0 of 1. Can approve: sre-leads, carol@example.com [Approve] [Deny …]",
		engine.Approved: "working | Approved, being set up |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, until 2026-03-04 03:30 UTC | Approved by: bob@example.com [Revoke]",
		engine.Active:   "live | Access is live |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, until 2026-03-04 03:30 UTC | Approved by: bob@example.com [Revoke]",
		engine.Expiring: "working | Time is up, taking the access away |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, until 2026-03-04 03:30 UTC | Approved by: bob@example.com",
		engine.Revoking: "working | Taking the access away |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, until 2026-03-04 03:30 UTC | Approved by: bob@example.com | Ended by: bob@example.com: “because”",
		engine.Rejected: "stopped | Denied |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m | Denied by: bob@example.com: “because”",
		engine.Canceled: "stopped | Withdrawn |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m",
		engine.Lapsed:   "stopped | Lapsed: nobody decided in time |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m",
		engine.Expired:  "ended | Access has ended |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, ended 2026-03-04 03:30 UTC | Approved by: bob@example.com",
		engine.Revoked:  "ended | Access was ended early |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m, ended 2026-03-04 03:30 UTC | Approved by: bob@example.com | Ended by: bob@example.com: “because”",
		engine.Failed:   "stopped | Access could not be given |  | Who: alice@example.com | What: editor on prod (sandbox) | How long: 30m | Approved by: bob@example.com | What happened: quota exceeded",
	}
	for _, s := range engine.States() {
		t.Run(string(s), func(t *testing.T) {
			r := inState(s)
			if got := read(bot.CardOf(r)); got != what[s] {
				t.Errorf("the card is\n%s\nwant\n%s", got, what[s])
			}
			if sum := bot.CardOf(r).Summary(); !strings.Contains(sum, "alice@example.com") || !strings.Contains(sum, "editor on prod") {
				t.Errorf("the summary is %q", sum)
			}
		})
	}
}

func inState(s engine.State) engine.Request {
	r := chattest.Request()
	r.State = s
	r.Terms.ApproverGroups, r.Terms.Approvers = []string{"sre-leads"}, []string{"carol@example.com"}
	switch s {
	case engine.Pending, engine.Canceled, engine.Lapsed:
		return r
	case engine.Rejected:
		r.DecidedBy, r.EndReason = "bob@example.com", "because"
		return r
	}
	r.Approvals, r.DecidedBy = []engine.Approval{{Approver: "bob@example.com"}}, "bob@example.com"
	r.ExpiresAt = r.CreatedAt.Add(r.Duration)
	if s == engine.Failed {
		r.Failure, r.EndReason, r.EndState, r.EndedAt = "quota exceeded", "quota exceeded", engine.Failed, r.ExpiresAt
		return r
	}
	r.GrantedAt = r.CreatedAt.Add(time.Second)
	if s.Final() {
		r.EndedAt = r.ExpiresAt
	}
	if s == engine.Revoking || s == engine.Revoked {
		r.EndReason, r.EndState = "because", engine.Revoked
	}
	return r
}

// TestCardOf_Trouble: what lasts is loud.
func TestCardOf_Trouble(t *testing.T) {
	r := inState(engine.Expiring)
	r.Failure = "sandbox does not confirm yet that the access is gone; jitsudo keeps trying."
	if got := read(bot.CardOf(r)); !strings.HasPrefix(got, "alarm |") || !strings.Contains(got, "Trouble: sandbox does not confirm") {
		t.Errorf("the card is %s", got)
	}
	r = inState(engine.Active)
	r.BreakGlass = true
	if got := read(bot.CardOf(r)); !strings.HasPrefix(got, "alarm | BREAK-GLASS: Access is live") {
		t.Errorf("the card is %s", got)
	}
}

// TestLineOf_EveryAction: every action has its line, or is known to have none.
func TestLineOf_EveryAction(t *testing.T) {
	failure := func(e engine.Event) engine.Event { e.Outcome = engine.Failure; return e }
	for _, c := range []struct {
		e    engine.Event
		want string
	}{
		{engine.Event{Action: engine.EvCreated}, ""},
		{engine.Event{Action: engine.EvIntended}, ""},
		{engine.Event{Action: "policy.reloaded"}, ""},
		{engine.Event{Action: engine.EvApproved, Actor: "bob@example.com", Details: map[string]any{"comment": "go"}}, "bob@example.com approved: “go”."},
		{engine.Event{Action: engine.EvApproved, Actor: "bob@example.com", Details: map[string]any{"approvals": float64(1), "required_approvals": float64(2)}}, "bob@example.com approved (1 of 2)."},
		{engine.Event{Action: engine.EvAutoApproved}, "The policy lets this through; nobody has to approve."},
		{engine.Event{Action: engine.EvDenied, Actor: "bob@example.com", Details: map[string]any{"reason": "no"}}, "bob@example.com denied it: “no”"},
		{engine.Event{Action: engine.EvCanceled, Actor: "alice@example.com"}, "alice@example.com withdrew the request."},
		{engine.Event{Action: engine.EvLapsed}, "Nobody decided in time. The request has lapsed."},
		{engine.Event{Action: engine.EvIssued}, "The access is live until 2026-03-04 03:30 UTC."},
		{engine.Event{Action: engine.EvExpiring}, "Time is up. The access is being taken away."},
		{failure(engine.Event{Action: engine.EvExpiring, Details: map[string]any{"tries": 3}}), "sandbox does not confirm that the access is gone. jitsudo keeps trying."},
		{failure(engine.Event{Action: engine.EvRevoking, Details: map[string]any{"tries": 3}}), "sandbox does not confirm that the access is gone. jitsudo keeps trying."},
		{failure(engine.Event{Action: engine.EvGrantFailed, Details: map[string]any{"tries": 3}}), "sandbox does not give the access yet. jitsudo keeps trying."},
		{failure(engine.Event{Action: engine.EvRevoking, Details: map[string]any{"reason": "no quota"}}), "The access cannot be given: no quota. Cleaning up."},
		{failure(engine.Event{Action: engine.EvGrantFailed}), "The access could not be given, and nothing of it is left."},
		{engine.Event{Action: engine.EvExpired}, "The access is gone. It was read back to make sure."},
		{engine.Event{Action: engine.EvRevoking, Actor: "bob@example.com"}, "bob@example.com ends the access early."},
		{engine.Event{Action: engine.EvRevoking, Actor: "bob@example.com", Details: map[string]any{"reason": "done"}}, "bob@example.com ends the access early: “done”"},
		{engine.Event{Action: engine.EvRevoked}, "The access was ended early and is gone. It was read back to make sure."},
		{engine.Event{Action: engine.EvCredentials, Actor: "alice@example.com"}, "alice@example.com fetched credentials."},
		{engine.Event{Action: engine.EvBreakGlass, Actor: "alice@example.com"}, "Break-glass by alice@example.com. Nobody approved this."},
		{engine.Event{Action: engine.EvAuthRefused, Actor: "slack:U1", Details: map[string]any{"reason": "Guests cannot."}}, "slack:U1 was turned away: “Guests cannot.”"},
	} {
		line, ok := bot.LineOf(c.e, inState(engine.Active))
		if got := line.String(); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %s: the line is %q, want %q", c.e.Action, c.e.Outcome, got, c.want)
		}
	}
}

// TestWords_Cleaned: nothing that cannot be seen gets into words.
func TestWords_Cleaned(t *testing.T) {
	dirty := "a\u202Eb\x00c\u200Bd\x1b"
	for _, ws := range []bot.Words{bot.Say(dirty), {bot.Name(dirty)}, {bot.Bold(dirty)}, {bot.Quoted(dirty, 50)}} {
		if got := strings.Trim(ws.String(), "“”"); got != "abcd" {
			t.Errorf("the words are %q", got)
		}
	}
}
