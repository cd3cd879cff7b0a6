package engine_test

import (
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// What TestModel has found, shrunk and written down: one test each.

// R4: the daemon is down for longer than its clock was put back by before.
func TestR4_DowntimeCountsBeyondAClockThatWasPutBack(t *testing.T) {
	w := newWorld(t)
	w.pass(time.Hour)
	w.sweep()
	w.pass(-time.Hour)
	d := draft("viewer")
	d.Duration = 4 * time.Hour
	r := w.live(d)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.pass(4 * time.Hour)
	w.start()
	if err := w.eng.Recover(bg, time.Minute); err != nil {
		t.Fatal(err)
	}
	w.is(r, engine.Expired)
}

// G3: a grant call whose answer was lost takes effect late: after another call
// was answered, and what that gave was taken away again.
func TestG3_LateGrantOfAnEarlierCallIsWaitedFor(t *testing.T) {
	turnedDown := sandbox.Fault{Fail: engine.Refuse(engine.ErrInvalid, "The role is gone.")}
	for next, fault := range map[string]sandbox.Fault{"AnotherSucceeded": {}, "AnotherWasTurnedDown": turnedDown} {
		for lost, dies := range map[string]bool{"Failed": false, "Died": true} {
			t.Run(lost+"Then"+next, func(t *testing.T) {
				w := newWorld(t)
				life := &life{}
				w.opts.Store = mortal{w.store, life}
				w.reopen()
				var sent engine.Access
				w.setFault(func(op string, a engine.Access) sandbox.Fault {
					if op != sandbox.OpGrant {
						return sandbox.Fault{}
					}
					sent, life.dead = a, dies
					return sandbox.Fault{Fail: errDown}
				})
				r := w.submit("alice", draft("viewer"))
				_ = w.eng.Sweep(bg)
				w.setFault(on(sandbox.OpGrant, fault))
				w.restart()
				if err := w.eng.Recover(bg, time.Minute); err != nil {
					t.Fatal(err)
				}
				w.run(2*time.Second, time.Second)
				if fault.Fail == nil {
					w.is(r, engine.Active)
					w.revoke("alice", r.ID)
					w.sweep()
				}
				w.is(r, engine.Revoking)
				w.setFault(nil)
				if err := w.cloud.Grant(bg, sent); err != nil {
					t.Fatal(err)
				}
				w.run(time.Minute, 5*time.Second)
				if r := w.get(r.ID); !r.State.Final() || w.has(r) {
					t.Errorf("%s, access %v", r.State, w.has(r))
				}
			})
		}
	}
}

// reopen starts another engine on what there is.
func (w *world) reopen() {
	w.t.Helper()
	var err error
	if w.eng, err = engine.New(bg, w.opts); err != nil {
		w.t.Fatal(err)
	}
}

// S4: a quota is about new requests; the same key gives the same request, also
// when it waits no longer and others do.
func TestS4_QuotaDoesNotKeepAKeyFromItsRequest(t *testing.T) {
	w := newWorld(t, func(o *engine.Options) { o.Limits = engine.Limits{PendingPerPerson: 2} })
	d := draft("viewer")
	d.Key = "k1"
	r := w.submit("alice", d)
	w.submit("alice", draft("editor"))
	w.submit("alice", draft("editor"))
	if again := w.submit("alice", d); again.ID != r.ID {
		t.Errorf("another request: %s", again.ID)
	}
	d.Key = "k2"
	_, err := w.eng.Submit(bg, w.as("alice"), d)
	refusal(t, err, engine.ErrLimited)
	w.sweep()
	w.run(2*time.Hour, time.Hour)
}
