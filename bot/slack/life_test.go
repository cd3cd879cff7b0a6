package slack_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestLife_FormToExpiry goes the whole way through: the command, the form, the
// card, the approval, the live access, its end.
func TestLife_FormToExpiry(t *testing.T) {
	r := newRig(t)
	r.slash(alice, "")
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	view := r.sim.Views(alice)[0]
	for field, typed := range map[string]string{"role": "edi", "scope": "stag"} {
		seen, err := r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: view.ID, BlockID: field, ActionID: "answer"}, typed)
		if err != nil || len(seen.Options) == 0 {
			t.Fatalf("suggest %s: %v %+v", field, err, seen)
		}
	}
	seen, err := r.sim.Person(alice).Submit(r.ctx(), view.ID, slacksim.Values{
		"role": {"answer": "editor"}, "scope": {"answer": "staging"}, "duration": {"answer": "30m"}, "reason": {"answer": "deploy"},
	})
	if err != nil || seen.Warning != "" || len(seen.Errors) > 0 {
		t.Fatalf("submit: %v %+v", err, seen)
	}
	r.wait("an answer", func() bool { return r.answers(alice) == 1 })
	r.wantText("the answer", r.lastAnswer(alice), "editor on staging (sandbox)", "waits for approval by sre-leads, security")
	r.sweep()

	q := r.newest()
	r.wantText("the card", textOf(r.card(q)), "Waiting for approval", "alice@example.com", "editor on staging", "30m", "deploy", "0 of 1", "[approve]", "[deny]")
	call := r.callOf(q)
	r.wantText("the call", textOf(call), "<!subteam^SLEADS>", "<!subteam^SSECURITY>", "[approve][deny]")
	if len(call.Pings) != 2 {
		t.Errorf("the call pings %v, want bob and carol", call.Pings)
	}

	r.wantText("the answer to bob", r.press(bob, call, "approve"), "You approved editor on staging")
	r.sweep()
	r.wantState(q, engine.Active)
	if !r.cloud.Try("alice@example.com", "staging", "write") {
		t.Error("the access is not there")
	}
	r.wantText("the card", textOf(r.card(q)), "Access is live", "until 2026-03-04 03:30 UTC", "Approved by: bob@example.com", "[revoke]")
	if has(r.card(q), "approve") || has(r.callOf(q), "approve") {
		t.Error("there are buttons to approve what is approved")
	}
	r.wantText("alice's message", strings.Join(r.dms(alice), "\n"), "Your access is live", "How to use it", "[revoke]")

	r.later(30 * time.Minute)
	r.wantState(q, engine.Expired)
	if r.cloud.Try("alice@example.com", "staging", "write") {
		t.Error("the access is still there")
	}
	r.wantText("the card", textOf(r.card(q)), "Access has ended")
	if has(r.card(q), "revoke") {
		t.Error("what has ended can be revoked")
	}
	dms := strings.Join(r.dms(alice), "\n")
	r.wantText("alice's messages", dms, "This access to editor on staging (sandbox) has ended", "Your access to editor on staging (sandbox) has ended")
	if strings.Contains(dms, "[revoke]") {
		t.Error("alice still has a button")
	}
	r.wantText("the thread", strings.Join(r.thread(q), "\n"), "bob@example.com approved.", "The access is live until", "Time is up.", "The access is gone.")
}
