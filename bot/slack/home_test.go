package slack_test

import (
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// home opens somebody's own page and returns what it shows once it shows want.
func (r *rig) home(who string) slacksim.View {
	r.Helper()
	published := r.sim.Calls("views.publish")
	if err := r.sim.Person(who).OpenHome(r.ctx()); err != nil {
		r.Fatal(err)
	}
	r.wait("the home page", func() bool { return r.sim.Calls("views.publish") > published })
	v, _ := r.sim.Home(who)
	return v
}

// TestHome shows what is one's own, with what one may do, and never a button
// that decides.
func TestHome(t *testing.T) {
	r := newRig(t)
	v := r.home(alice)
	r.wantText("the empty page", shown(v.Blocks), "[ask]", "You have no access and no request just now.")
	waiting := r.ask("request sandbox editor prod 20m first")
	live := r.ask("request sandbox viewer prod 20m second")
	v = r.home(alice)
	r.wantText("alice's page", shown(v.Blocks), "Access is live", "[revoke]", "Waiting for approval", "[cancel]")
	r.wantText("bob's page", shown(r.home(bob).Blocks), "Waiting for a decision", waiting.ID)
	for _, id := range ids(append(v.Blocks, r.home(bob).Blocks...)) {
		if id == "approve" || id == "deny" {
			t.Error("a page has a button that decides")
		}
	}
	r.pressHome(alice, "revoke")
	r.sweep()
	r.wantState(live, engine.Revoked)
	r.home(alice)
	r.pressHome(alice, "cancel")
	r.wantState(waiting, engine.Canceled)
	r.wantText("a guest's page", shown(r.home("UDAVE").Blocks), "Guests cannot use jitsudo.")
}

func (r *rig) pressHome(who, action string) {
	r.Helper()
	v, _ := r.sim.Home(who)
	published := r.sim.Calls("views.publish")
	seen, err := r.sim.Person(who).Act(r.ctx(), slacksim.Action{ViewID: v.ID, ActionID: action})
	if err == nil && seen.Confirm != nil {
		seen, err = r.sim.Person(who).Agree(r.ctx(), seen.Confirm)
	}
	if err != nil || seen.Warning != "" {
		r.Fatalf("press %s: %v %s", action, err, seen.Warning)
	}
	r.wait("the page to be drawn anew", func() bool { return r.sim.Calls("views.publish") > published })
}

// TestHome_ForgedDecision: a press that claims to come from a page decides nothing.
func TestHome_ForgedDecision(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m first")
	click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "approve")
	if err != nil {
		t.Fatal(err)
	}
	click["container"] = map[string]any{"type": "view", "view_id": "V1"}
	delete(click, "message")
	before := r.answers(bob)
	r.forge("interactive", click)
	r.wait("an answer", func() bool { return r.answers(bob) > before })
	r.wantText("the answer", r.lastAnswer(bob), "Decide on the request's own card")
	r.wantState(q, engine.Pending)
}

// TestHome_AskOpensForm: the button opens the form, and what comes of it is told directly.
func TestHome_AskOpensForm(t *testing.T) {
	r := newRig(t)
	v := r.home(alice)
	if _, err := r.sim.Person(alice).Act(r.ctx(), slacksim.Action{ViewID: v.ID, ActionID: "ask"}); err != nil {
		t.Fatal(err)
	}
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	form := r.sim.Views(alice)[0]
	for _, field := range []string{"role", "scope"} {
		if _, err := r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: form.ID, BlockID: field, ActionID: "answer"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.sim.Person(alice).Submit(r.ctx(), form.ID, slacksim.Values{
		"role": {"answer": "editor"}, "scope": {"answer": "prod"}, "duration": {"answer": "5m"}, "reason": {"answer": "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.wait("a message", func() bool { return len(r.sim.DM(alice)) == 1 })
	r.wantText("the message", r.dms(alice)[0], "waits for approval")
}
