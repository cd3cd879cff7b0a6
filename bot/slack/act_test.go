package slack_test

import (
	"strings"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

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
