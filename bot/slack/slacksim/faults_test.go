package slacksim_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

func TestFaults_OfEnvelopes(t *testing.T) {
	for name, c := range map[string]struct {
		fault   slacksim.EnvelopeFault
		arrive  int32
		warning string
	}{
		"lost: the person sees a timeout": {slacksim.EnvelopeFault{Lose: true}, 0, "operation_timeout"},
		"delayed: arrives":                {slacksim.EnvelopeFault{Delay: 20 * time.Millisecond}, 1, ""},
		"duplicated: arrives twice":       {slacksim.EnvelopeFault{Duplicate: true}, 2, ""},
		"delayed too long: timeout, late": {slacksim.EnvelopeFault{Delay: 500 * time.Millisecond}, 0, "operation_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var got atomic.Int32
			r.connect(1, func(ev event) { got.Add(1); ev.ack() })
			r.sim.SetFaults(slacksim.Faults{Envelope: func(string) slacksim.EnvelopeFault { return c.fault }})
			seen, err := r.sim.Person("UALICE").Slash(r.ctx(), "CREQUESTS", "/jitsudo", "x")
			if err != nil || seen.Warning != c.warning {
				t.Errorf("saw %+v, %v", seen, err)
			}
			acks := func() bool {
				n := int32(0)
				for _, e := range r.sim.Traffic() {
					if e.Kind == "ack" {
						n++
					}
				}
				return n >= c.arrive
			}
			r.wait("the acknowledgements", acks)
			if got.Load() != c.arrive {
				t.Errorf("%d envelopes arrived, want %d", got.Load(), c.arrive)
			}
		})
	}
}

func TestFaults_OfCalls(t *testing.T) {
	r := newRig(t)
	r.sim.SetFaults(slacksim.Faults{API: func(method string) slacksim.Fault {
		if method == "chat.postMessage" {
			return slacksim.Fault{Status: 500}
		}
		return slacksim.Fault{}
	}})
	if status, _ := r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "text": "x"}); status != 500 {
		t.Errorf("answered %d", status)
	}
	if len(r.sim.Messages("CREQUESTS")) != 0 {
		t.Errorf("the message was posted all the same")
	}
	if status, out := r.post("auth.test", r.sim.BotToken(), nil); status != 200 || out["ok"] != true {
		t.Errorf("another method: %d %v", status, out)
	}
}
