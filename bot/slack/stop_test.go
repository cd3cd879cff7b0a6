package slack_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// stopsWithin is how long Run may take to return, whatever hangs, and a margin
// for a machine that has other things to do.
const stopsWithin = 5*time.Second + 2*time.Second

// crowd has everybody type into their forms at once while Slack does not say
// who they are, and returns when all of it is being worked on. The people have
// seen what came of it when done returns.
func (r *rig) crowd(each int) (done func()) {
	r.Helper()
	forms := map[string]slacksim.View{}
	for _, who := range []string{alice, bob, carol} {
		if len(r.sim.Views(who)) == 0 {
			r.slash(who, "")
			r.wait("the form", func() bool { return len(r.sim.Views(who)) == 1 })
		}
		forms[who] = r.sim.Views(who)[0]
	}
	r.clock.Add(2 * time.Minute) // nobody is known from a moment ago
	asked := r.hang("users.info")
	var all sync.WaitGroup
	for who, form := range forms {
		for i := range each {
			all.Go(func() {
				_, _ = r.sim.Person(who).Suggest(r.ctx(), slacksim.Action{ViewID: form.ID, BlockID: "role", ActionID: "answer"}, fmt.Sprint("ed", i))
			})
		}
	}
	for range each * len(forms) {
		r.receive("a look-up", asked)
	}
	return all.Wait
}

// hang lets calls of a method hang until the test ends, and tells of each.
func (r *rig) hang(method string) <-chan struct{} {
	asked, over := make(chan struct{}, 1000), make(chan struct{})
	r.Cleanup(func() { close(over) })
	r.sim.SetFaults(slacksim.Faults{API: func(m string) slacksim.Fault {
		if m != method {
			return slacksim.Fault{}
		}
		asked <- struct{}{}
		<-over
		return slacksim.Fault{}
	}})
	return asked
}

func (r *rig) receive(what string, from <-chan struct{}) {
	r.Helper()
	select {
	case <-from:
	case <-r.ctx().Done():
		r.Fatalf("waiting for %s", what)
	}
}

// endsInTime stops the client and wants Run to return.
func (r *rig) endsInTime() {
	r.Helper()
	r.stop()
	select {
	case <-r.ended:
	case <-time.After(stopsWithin):
		r.Fatalf("Run has not returned %s after its end", stopsWithin)
	}
}

// TestD1_StopHangsOnNothing: whatever is under way and does not come to an end,
// Run returns.
func TestD1_StopHangsOnNothing(t *testing.T) {
	for name, begin := range map[string]func(*rig){
		"acknowledgements for more than the connection takes": func(r *rig) { r.Cleanup(r.crowd(21)) },
		"commands whose person cannot be looked up": func(r *rig) {
			asked := r.hang("users.info")
			for range 10 {
				r.slash(alice, "mine")
			}
			for range 10 {
				r.receive("a look-up", asked)
			}
		},
		"an answer that cannot be delivered": func(r *rig) {
			asked := r.hang("response_url")
			r.slash(alice, "mine")
			r.receive("an answer", asked)
		},
		"a connection that is being opened": func(r *rig) {
			asked := r.hang("apps.connections.open")
			r.sim.DisconnectOne("refresh_requested")
			r.receive("an attempt", asked)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			begin(r)
			r.endsInTime()
		})
	}
}

// TestD1_OutagesCostNoSlots: what was under way when the connections were lost
// does not keep what comes later from being worked on.
func TestD1_OutagesCostNoSlots(t *testing.T) {
	r := newRig(t, func(s *setup) { s.slack.Connections = 1 })
	for range 2 {
		done := r.crowd(21)
		r.sim.SetOutage(slacksim.Unavailable)
		done()
		r.sim.SetFaults(slacksim.Faults{})
		r.sim.SetOutage(slacksim.Up)
		r.wait("a connection", func() bool { return r.sim.Connections() == 1 })
	}
	r.wantText("a command afterwards", r.say(alice, "mine"), "There is nothing to show.")
}

// TestStop_FinishesWhatHasBegun: a form that is being sent when the daemon is
// stopped is answered before the connection is closed.
func TestStop_FinishesWhatHasBegun(t *testing.T) {
	r := newRig(t)
	form := r.openForm()
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.sim.SetFaults(slacksim.Faults{API: func(m string) slacksim.Fault {
		if m == "users.info" {
			once.Do(func() { close(asked) })
			<-answer
		}
		return slacksim.Fault{}
	}})
	seen := make(chan slacksim.Seen, 1)
	go func() {
		s, err := r.sim.Person(alice).Submit(context.WithoutCancel(r.Context()), form.ID, slacksim.Values{
			"role": {"answer": "editor"}, "scope": {"answer": "prod"}, "duration": {"answer": "never"}, "reason": {"answer": "x"},
		})
		if err != nil {
			t.Error(err)
		}
		seen <- s
	}()
	r.receive("a look-up", asked)
	r.stop()
	close(answer)
	if s := <-seen; s.Warning != "" || s.Errors["duration"] == "" {
		t.Errorf("the form is answered %+v, want a complaint about the duration", s)
	}
	<-r.ended
}
