package slack_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// TestD1_RefusedCostOneLookUp: who is refused and goes on is not looked up again
// and again, is told every time, and may come back once things have changed.
func TestD1_RefusedCostOneLookUp(t *testing.T) {
	r := newRig(t)
	before := r.sim.Calls("users.info")
	for range 20 {
		r.wantText("the answer", r.say("UDAVE", "mine"), "Guests cannot use jitsudo.")
	}
	if n := r.sim.Calls("users.info") - before; n != 1 {
		t.Errorf("the guest was looked up %d times, want once", n)
	}
	r.change("UDAVE", func(u *slacksim.User) { u.IsRestricted = false })
	r.clock.Add(30 * time.Second)
	r.wantText("the answer to a member", r.say("UDAVE", "mine"), "There is nothing to show.")
}

// TestI1_AcceptanceIsNotRemembered: whoever was let in is looked up again for
// the next decision.
func TestI1_AcceptanceIsNotRemembered(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	r.say(bob, "mine")
	r.change(bob, func(u *slacksim.User) { u.IsRestricted = true })
	r.wantText("the answer", r.press(bob, r.card(q), "approve"), "Guests cannot use jitsudo.")
}

// TestI1_FailureIsNoRefusal: a Slack that could not tell who it was is asked again.
func TestI1_FailureIsNoRefusal(t *testing.T) {
	r := newRig(t)
	r.sim.RateLimit("users.info", 1, time.Second)
	r.wantText("the answer", r.say(alice, "mine"), "cannot tell just now who you are")
	r.wantText("the next answer", r.say(alice, "mine"), "There is nothing to show.")
}

// TestD1_LookUpsAreLimited: one account cannot use up the look-ups of all.
func TestD1_LookUpsAreLimited(t *testing.T) {
	r := newRig(t)
	before := r.sim.Calls("users.info")
	for range 40 {
		r.say(alice, "mine")
	}
	if n := r.sim.Calls("users.info") - before; n != 30 {
		t.Errorf("alice was looked up %d times, want 30", n)
	}
	r.wantText("the answer", r.say(alice, "mine"), "That was too much at once")
	r.wantText("bob's answer", r.say(bob, "mine"), "There is nothing to show.")
	r.clock.Add(3 * time.Second)
	r.wantText("the answer a little later", r.say(alice, "mine"), "There is nothing to show.")
	r.wantText("the one after it", r.say(alice, "mine"), "That was too much at once")
}

// TestI3_SharedLater: a channel that another company was let into shows nothing
// new, and no longer what it showed.
func TestI3_SharedLater(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	r.card(q)
	if err := r.sim.ShareExternally(requests, true); err != nil {
		t.Fatal(err)
	}
	r.clock.Add(2 * time.Minute) // what was known of the channel is not believed any more
	r.say(bob, "approve "+q.ID)
	r.sweep()
	for range 3 {
		r.later(time.Minute)
	}
	for what, m := range map[string]slacksim.Message{"card": r.card(q), "call": r.callOf(q)} {
		text := textOf(m)
		r.wantText("the "+what, text, "shared with another company")
		for _, fact := range []string{"alice", "bob", "editor", "prod", "please", "["} {
			if strings.Contains(text, fact) || strings.Contains(m.Text, fact) {
				t.Errorf("the %s still shows %q: %s", what, fact, text)
			}
		}
	}
	if lines := r.thread(q); len(lines) > 0 {
		t.Errorf("the thread goes on: %q", lines)
	}
	r.wantText("alice's messages", strings.Join(r.dms(alice), "\n"), "Your access is live")
	if n := r.sim.Calls("chat.update"); n > 2 {
		t.Errorf("%d redrawings, want one of each", n)
	}
	if err := r.sim.ShareExternally(requests, false); err != nil {
		t.Fatal(err)
	}
	r.later(5 * time.Minute)
	r.wantText("the card when it is our own again", textOf(r.card(q)), "alice@example.com")
}
