package slack_test

import (
	"fmt"
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
	q := r.fillIn("editor", "staging")
	r.wantText("the answer", r.lastAnswer(alice), "editor on staging (sandbox)", "waits for approval by sre-leads, security")
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

// fillIn opens the form, types into it, sends it, and draws what came of it.
func (r *rig) fillIn(role, scope string) engine.Request {
	r.Helper()
	r.slash(alice, "")
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	view := r.sim.Views(alice)[0]
	for field, typed := range map[string]string{"role": role[:3], "scope": scope[:3]} {
		seen, err := r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: view.ID, BlockID: field, ActionID: "answer"}, typed)
		if err != nil || len(seen.Options) == 0 {
			r.Fatalf("suggest %s: %v %+v", field, err, seen)
		}
	}
	seen, err := r.sim.Person(alice).Submit(r.ctx(), view.ID, slacksim.Values{
		"role": {"answer": role}, "scope": {"answer": scope}, "duration": {"answer": "30m"}, "reason": {"answer": "deploy"},
	})
	if err != nil || seen.Warning != "" || len(seen.Errors) > 0 {
		r.Fatalf("submit: %v %+v", err, seen)
	}
	r.wait("an answer", func() bool { return r.answers(alice) == 1 })
	r.sweep()
	return r.newest()
}

// TestLife_DenyAsksWhy: the reason is asked for in a form and told to the requester.
func TestLife_DenyAsksWhy(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 1h fix the thing")
	r.click(bob, r.card(q), "deny")
	r.wait("the form", func() bool { return len(r.sim.Views(bob)) == 1 })
	r.wantText("the form", shown(r.sim.Views(bob)[0].Blocks), "alice@example.com asks for editor on prod")
	if _, err := r.sim.Person(bob).Submit(r.ctx(), r.sim.Views(bob)[0].ID, slacksim.Values{"reason": {"answer": "not during the freeze"}}); err != nil {
		t.Fatal(err)
	}
	r.wait("an answer", func() bool { return r.answers(bob) == 1 })
	r.sweep()
	r.wantState(q, engine.Rejected)
	r.wantText("the card", textOf(r.card(q)), "Denied", "Denied by: bob@example.com: “not during the freeze”")
	if c := r.card(q); has(c, "approve") || has(c, "deny") {
		t.Error("a denied request has buttons")
	}
	r.wantText("alice's messages", strings.Join(r.dms(alice), "\n"), "bob@example.com denied your request", "not during the freeze")
	r.wantText("the thread", strings.Join(r.thread(q), "\n"), "bob@example.com denied it: “not during the freeze”")
}

// TestLife_Words: what can be said in one line, and what comes of it.
func TestLife_Words(t *testing.T) {
	r := newRig(t)
	r.wantText("help", r.say(alice, "help"), "/jitsudo break-glass", "/jitsudo deny ID why not")
	q := r.ask(`request --provider sandbox --role editor --scope staging --duration 20m --reason "look at it"`)
	r.wantText("mine", r.say(alice, "mine"), "PENDING", q.ID)
	r.wantText("pending", r.say(bob, "pending"), "alice@example.com", q.ID)
	r.wantText("status", r.say(bob, "status "+q.ID), "Waiting for approval", "look at it")
	if has(r.sim.Ephemerals(bob)[1], "approve") {
		t.Error("a message for one person has buttons that cannot count")
	}
	r.wantText("approve one's own", r.say(alice, "approve "+q.ID), "You cannot approve your own request.")
	r.wantText("cancel somebody else's", r.say(bob, "cancel "+q.ID), "Only the requester can cancel")
	r.wantText("cancel", r.say(alice, "cancel "+q.ID), "You withdrew")
	r.sweep()
	r.wantState(q, engine.Canceled)
	r.wantText("the card", textOf(r.card(q)), "Withdrawn")

	q = r.ask("request sandbox editor staging 20m again")
	r.wantText("deny", r.say(bob, "deny "+q.ID+" not today"), "You denied")
	q = r.ask("request sandbox editor staging 20m and again")
	r.wantText("approve", r.say(bob, "approve "+q.ID), "You approved")
	r.sweep()
	r.wantText("revoke", r.say(alice, "revoke "+q.ID), "is being taken away now")
	r.sweep()
	r.wantState(q, engine.Revoked)
	r.wantText("the card", textOf(r.card(q)), "Access was ended early", "Ended by: alice@example.com")
	r.wantText("nonsense", r.say(alice, "frobnicate"), "I do not know the word")
	r.wantText("no such request", r.say(alice, "status req_01ARZ3NDEKTSV4RRFFQ69G5FAV"), "There is no such request, or you may not see it.")
}

// TestLife_SlipsAreMendedInTheForm: what was wrong is said there, and nothing has
// to be typed again.
func TestLife_SlipsAreMendedInTheForm(t *testing.T) {
	for name, tc := range map[string]struct{ text, say string }{
		"UnknownProvider": {"request nimbus editor staging 20m keep me", `There is no provider "nimbus" here.`},
		"UnknownRole":     {"request sandbox editr staging 20m keep me", "editr"},
		"UnknownScope":    {"request sandbox editor mars 20m keep me", "mars"},
		"TooLong":         {"request sandbox editor staging 9999h keep me", "the longest access"},
		"Negative":        {`request --provider sandbox --role editor --scope staging --reason "keep me" --duration -5m`, "longer than nothing"},
		"Overflowing":     {`request --provider sandbox --role editor --scope staging --reason "keep me" --duration 99999999999h`, "not a duration"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.slash(alice, tc.text)
			r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
			v := r.sim.Views(alice)[0]
			r.wantText("the form", fmt.Sprint(v.Blocks), tc.say, "keep me")
		})
	}
}

// TestLife_PartOpensFilledForm: what was said is in the form, what is missing is asked.
func TestLife_PartOpensFilledForm(t *testing.T) {
	r := newRig(t)
	r.slash(alice, "request --role editor --duration 45m")
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	v := r.sim.Views(alice)[0]
	seen, err := r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: v.ID, BlockID: "scope", ActionID: "answer"}, "")
	if err != nil || len(seen.Options) != 2 {
		t.Fatalf("suggest: %v %+v", err, seen)
	}
	if _, err := r.sim.Person(alice).Submit(r.ctx(), v.ID, slacksim.Values{"scope": {"answer": "prod"}, "reason": {"answer": "why not"}}); err != nil {
		t.Fatal(err)
	}
	r.wait("an answer", func() bool { return r.answers(alice) == 1 })
	if q := r.newest(); q.Target.Role != "editor" || q.Duration != 45*time.Minute || q.Target.Scope != "prod" {
		t.Errorf("the request is %+v for %s", q.Target, q.Duration)
	}
}

// TestB5_BreakGlassAlerts: the alert goes out, with its mention, once.
func TestB5_BreakGlassAlerts(t *testing.T) {
	r := newRig(t)
	q := r.ask("break-glass sandbox break-glass-admin prod 20m everything is down")
	r.sweep()
	r.wantState(q, engine.Active)
	r.wantText("the answer", r.lastAnswer(alice), "is break-glass: it is being set up now, and an alert goes out")
	alerts := r.sim.Messages(incidents)
	if len(alerts) != 1 {
		t.Fatalf("there are %d alerts, want one", len(alerts))
	}
	r.wantText("the alert", textOf(alerts[0]), "BREAK-GLASS", "<!channel>", "alice@example.com took break-glass-admin on prod", "everything is down")
	if len(alerts[0].Pings) != 3 {
		t.Errorf("the alert pings %v, want everybody in the channel", alerts[0].Pings)
	}
	r.wantText("the card", textOf(r.card(q)), "🚨 BREAK-GLASS: Access is live", "Approved by: nobody: break-glass")
	r.wantText("the answer to revoke", r.press(carol, r.card(q), "revoke"), "is being taken away")
	r.sweep()
	r.wantState(q, engine.Revoked)
	if n := len(r.sim.Messages(incidents)); n != 1 {
		t.Errorf("there are %d alerts at the end, want one", n)
	}
}

// TestA3_TwoOfTwo: two different people have to approve, and each counts once.
func TestA3_TwoOfTwo(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox admin prod 20m migrate")
	r.wantText("the first approval", r.press(bob, r.card(q), "approve"), "1 of 2 so far")
	r.wantText("the same again", r.press(bob, r.card(q), "approve"), "You have approved this request already")
	r.sweep()
	r.wantText("the card", textOf(r.card(q)), "1 of 2 (bob@example.com)", "[approve]")
	r.wantText("the call", textOf(r.callOf(q)), "1 of 2 approvals so far")
	r.wantText("the second approval", r.press(carol, r.callOf(q), "approve"), "You approved")
	r.sweep()
	r.wantState(q, engine.Active)
	r.wantText("the card", textOf(r.card(q)), "Approved by: bob@example.com, carol@example.com")
	r.wantText("the thread", strings.Join(r.thread(q), "\n"), "bob@example.com approved (1 of 2).", "carol@example.com approved (2 of 2).")
}

// TestS6_Lapses: nobody decides, the card says so and no button is left.
func TestS6_Lapses(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	r.later(24 * time.Hour)
	r.wantState(q, engine.Lapsed)
	r.wantText("the card", textOf(r.card(q)), "Lapsed: nobody decided in time")
	if has(r.card(q), "approve") || has(r.callOf(q), "approve") {
		t.Error("a lapsed request has buttons")
	}
	r.wantText("alice's messages", strings.Join(r.dms(alice), "\n"), "Nobody decided in time")
}

// TestLife_DoneFromOwnMessage: the button in the requester's own message counts.
func TestLife_DoneFromOwnMessage(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox viewer prod 20m look")
	r.wantState(q, engine.Active)
	r.wantText("the card", textOf(r.card(q)), "Approved by: the policy, nobody had to be asked")
	r.wantText("the answer", r.press(alice, r.message(r.get(q.ID).Drawing.Direct), "revoke"), "is being taken away now")
	r.sweep()
	r.wantState(q, engine.Revoked)
	if n := len(r.dms(alice)); n != 2 {
		t.Errorf("alice has %d messages, want two (live, ended)", n)
	}
}

// TestLife_WarnedBeforeTheEnd: once, and by themselves.
func TestLife_WarnedBeforeTheEnd(t *testing.T) {
	r := newRig(t)
	r.ask("request sandbox viewer prod 30m look")
	r.later(26 * time.Minute)
	r.later(time.Second)
	n := strings.Count(strings.Join(r.dms(alice), "\n"), "Ask again if you need longer")
	if n != 1 {
		t.Errorf("alice was warned %d times, want once: %q", n, r.dms(alice))
	}
}

// TestLife_PolicyInforms: those whom policy names are called once, in the thread.
func TestLife_PolicyInforms(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.policy = func(engine.Question) engine.Decision {
			return engine.Decision{Allowed: true, Terms: engine.Terms{Tier: engine.TierAuto, Notify: []string{"security", "bob@example.com", "nobody-knows"}}}
		}
	})
	q := r.ask("request sandbox viewer prod 20m look")
	r.sweep()
	lines := strings.Join(r.thread(q), "\n")
	r.wantText("the thread", lines, "<!subteam^SSECURITY> <@UBOB>", "For your information: ", "nobody-knows")
	if n := strings.Count(lines, "For your information"); n != 1 {
		t.Errorf("they are told %d times, want once", n)
	}
}

// TestLife_ApprovedForLess: an approver may give less than was asked.
func TestLife_ApprovedForLess(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 1h look")
	r.wantText("more than was asked", r.say(bob, "approve "+q.ID+" --duration 2h"), "at most the 1h")
	r.wantText("less", r.say(bob, "approve "+q.ID+" --duration 10m"), "You approved")
	r.sweep()
	r.wantText("the card", textOf(r.card(q)), "How long: 10m, until 2026-03-04 03:10 UTC")
}
