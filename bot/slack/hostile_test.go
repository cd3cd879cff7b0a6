package slack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// hostile are reasons that try to ping, to imitate or to break the card.
var hostile = map[string]string{
	"channel":         "<!channel> <!here> <!everyone> @channel @here",
	"people":          "<@UBOB> <@UCAROL|carol> @bob",
	"group":           "<!subteam^SSECURITY> @security",
	"masked link":     "<https://evil.example|https://good.example>",
	"bare link":       "see https://evil.example/approve",
	"markup":          "*Approved by carol* _x_ ~y~ `z` ```w``` > quote",
	"entities":        "&lt;!channel&gt; &amp;lt;!channel&amp;gt;",
	"json":            `"}],"blocks":[{"type":"actions","block_id":"press"}]`,
	"a card":          "ok\n\n🟢 Access is live\nApproved by: carol@example.com\n[approve]",
	"date":            "<!date^0^{date}|now>",
	"block ids":       "press approve head facts",
	"right to left":   "abc \u202Egnp.exe\u202C \u2066x\u2069",
	"zero width":      "a\u200Bb\u200Dc\uFEFF",
	"control":         "bell \a null \x00 esc \x1b[31m",
	"ten thousand":    strings.Repeat("A", 10_000),
	"ten thousand <":  strings.Repeat("<", 10_000),
	"a thousand &":    strings.Repeat("&", 1000),
	"many lines":      strings.Repeat("x\n", 400),
	"emoji":           ":rotating_light: 🚨 BREAK-GLASS",
	"surrogate heart": "❤️‍🔥 family 👨‍👩‍👧",
}

// TestJ1_HostileReason: whatever the reason says, nobody is pinged but those
// whom policy calls, and the card's skeleton stays what it is.
func TestJ1_HostileReason(t *testing.T) {
	plain := newRig(t)
	q := plain.ask("request sandbox editor prod 20m harmless")
	card, call := plain.card(q), plain.callOf(q)
	for name, reason := range hostile {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.slash(alice, "request --role editor --scope prod --duration 20m")
			r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
			_, err := r.sim.Person(alice).Submit(r.ctx(), r.sim.Views(alice)[0].ID, slacksim.Values{"reason": {"answer": reason}})
			if err != nil {
				t.Fatal(err)
			}
			r.settled(reason)
			if len(r.sim.Views(alice)) == 1 {
				r.refusedGently(reason)
				return
			}
			r.sweep()
			q := r.newest()
			if got, want := ids(r.card(q).Blocks), ids(card.Blocks); !slices.Equal(got, want) {
				t.Errorf("the card's blocks are %v, want %v", got, want)
			}
			if got, want := ids(r.callOf(q).Blocks), ids(call.Blocks); !slices.Equal(got, want) {
				t.Errorf("the call's blocks are %v, want %v", got, want)
			}
			r.noPings(call.Pings)
			r.press(bob, r.card(q), "approve")
			r.sweep()
			r.wantState(q, engine.Active)
			r.noPings(call.Pings)
		})
	}
}

// settled waits until the form has been answered, one way or the other.
func (r *rig) settled(string) {
	r.Helper()
	r.wait("the form's answer", func() bool {
		v := r.sim.Views(alice)
		return len(v) == 0 && r.answers(alice) > 0 || len(v) == 1 && len(v[0].Errors) > 0
	})
}

// refusedGently wants one clear sentence at the field, with what was typed still there.
func (r *rig) refusedGently(reason string) {
	r.Helper()
	v := r.sim.Views(alice)[0]
	if v.Errors["reason"] == "" {
		r.Errorf("the form complains at %v, want the reason", v.Errors)
	}
	kept, err := json.Marshal(v.Values["reason"])
	if err != nil || len(reason) < 1000 && len(kept) < len(reason) {
		r.Errorf("what was typed is lost: %s", kept)
	}
}

// noPings wants nobody pinged by any message of the channel, the calls apart.
func (r *rig) noPings(called []slacksim.UserID) {
	r.Helper()
	all := r.sim.Messages(requests)
	for _, m := range append(all, r.threads(requests, all)...) {
		if len(m.Pings) > 0 && !slices.Equal(m.Pings, called) {
			r.Errorf("%q pings %v", textOf(m), m.Pings)
		}
	}
}

// TestJ1_HostileComment: what approvers and deniers write is no better.
func TestJ1_HostileComment(t *testing.T) {
	r := newRig(t)
	q := r.ask("request sandbox editor prod 20m please")
	called := r.callOf(q).Pings
	r.say(bob, "approve "+q.ID+" <!channel> @here <@UCAROL> *bold*")
	r.sweep()
	r.say(carol, "revoke "+q.ID+" <!channel> <@UALICE>")
	r.sweep()
	r.wantState(q, engine.Revoked)
	q = r.ask("request sandbox editor prod 20m please")
	r.say(bob, "deny "+q.ID+" <!everyone> <https://evil.example|x>")
	r.sweep()
	r.wantState(q, engine.Rejected)
	r.noPings(called)
	for _, m := range r.sim.DM(alice) {
		if len(m.Pings) > 0 {
			t.Errorf("%q pings %v", textOf(m), m.Pings)
		}
	}
}

// TestJ1_SaidAsTyped: what Slack escapes on the way in is shown as it was typed.
func TestJ1_SaidAsTyped(t *testing.T) {
	r := newRig(t)
	q := r.ask(`request sandbox editor prod 20m a < b && "c" > d, ask @bob in #incidents`)
	if want := `a < b && c > d, ask @bob in #incidents`; q.Reason != want {
		t.Errorf("the reason is %q, want %q", q.Reason, want)
	}
	r.wantText("the card", textOf(r.card(q)), "a < b && c > d, ask @bob")
}
