package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

var errDown = errors.New("the cloud is down")

// on makes one operation go wrong.
func on(op string, f sandbox.Fault) func(string, engine.Access) sandbox.Fault {
	return func(o string, _ engine.Access) sandbox.Fault {
		if o == op {
			return f
		}
		return sandbox.Fault{}
	}
}

func TestG3_UnknownOutcomeOfAGrant(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"FailedBefore": {Fail: errDown}, "AnswerLost": {FailAfter: errDown}, "SaidYesDidNothing": {Pretend: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.setFault(on(sandbox.OpGrant, fault))
			r := w.submit("alice", draft("viewer"))
			w.sweep()
			w.is(r, engine.Approved)
			w.setFault(nil)
			w.run(time.Minute, 5*time.Second)
			w.is(r, engine.Active)
			if n := len(w.cloud.Bindings()); n != 1 {
				t.Errorf("%d bindings", n)
			}
			w.run(2*time.Hour, 10*time.Minute)
			w.is(r, engine.Expired)
		})
	}
}

func TestG4_GrantThatNeverWorksFailsAndLeavesNothing(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{"Down": {Fail: errDown}, "DoneButNeverConfirmed": {FailAfter: errDown}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.setFault(on(sandbox.OpGrant, fault))
			r := w.submit("alice", draft("viewer"))
			w.run(20*time.Minute, 10*time.Second)
			if r = w.is(r, engine.Failed); r.Failure == "" || w.has(r) {
				t.Errorf("failure %q, access %v", r.Failure, w.has(r))
			}
		})
	}
}

func TestG4_FinalRefusalFailsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.setFault(on(sandbox.OpGrant, sandbox.Fault{Fail: engine.Refuse(engine.ErrInvalid, "The role was deleted.")}))
	r := w.submit("alice", draft("viewer"))
	w.sweep()
	if r = w.is(r, engine.Failed); r.Failure != "The role was deleted." {
		t.Errorf("failure %q", r.Failure)
	}
}

func TestR1_EndOnlyAfterReadingBack(t *testing.T) {
	for name, fault := range map[string]func(string, engine.Access) sandbox.Fault{
		"RevokeFails":       on(sandbox.OpRevoke, sandbox.Fault{Fail: errDown}),
		"RevokePretends":    on(sandbox.OpRevoke, sandbox.Fault{Pretend: true}),
		"ObserveFails":      on(sandbox.OpObserve, sandbox.Fault{Fail: errDown}),
		"ObserveSeesItYet":  on(sandbox.OpObserve, sandbox.Fault{See: engine.Present}),
		"RevokeAnswersLate": on(sandbox.OpRevoke, sandbox.Fault{FailAfter: errDown}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.live(draft("editor"))
			w.setFault(fault)
			w.run(3*time.Hour, 10*time.Minute)
			w.is(r, engine.Expiring)
			w.setFault(nil)
			w.run(time.Minute, 5*time.Second)
			w.is(r, engine.Expired)
		})
	}
}

// R2: an outage of any length at the end of an access: gone within 60 s of the return.
func TestR2_OutageAtTheEnd(t *testing.T) {
	for name, outage := range map[string]time.Duration{"1m": time.Minute, "1h": time.Hour, "72h": 72 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := draft("editor")
			d.Duration = time.Minute
			r := w.live(d)
			w.setFault(func(string, engine.Access) sandbox.Fault { return sandbox.Fault{Fail: errDown} })
			w.run(time.Minute+outage, max(10*time.Second, outage/200))
			w.is(r, engine.Expiring)
			w.setFault(nil)
			w.run(time.Minute, time.Second)
			w.is(r, engine.Expired)
		})
	}
}

func TestG6_StandingAccessIsNotTouched(t *testing.T) {
	w := newWorld(t)
	if err := w.cloud.Plant(sandbox.Binding{Name: "standing", Owner: "terraform", Principal: "alice@example.com", Role: "editor", Scope: "prod"}); err != nil {
		t.Fatal(err)
	}
	r := w.live(draft("editor"))
	w.run(2*time.Hour, time.Hour)
	w.is(r, engine.Expired)
	if !w.has(r) {
		t.Error("the standing access was taken away")
	}
}

func TestG7_OverlappingRequestsDoNotEndEachOther(t *testing.T) {
	w := newWorld(t)
	a := w.live(draft("editor"))
	w.pass(30 * time.Minute)
	b := w.live(draft("editor"))
	w.run(40*time.Minute, 10*time.Minute)
	w.is(a, engine.Expired)
	if w.is(b, engine.Active); !w.has(b) {
		t.Fatal("the end of one took the other's access")
	}
	w.run(40*time.Minute, 10*time.Minute)
	w.is(b, engine.Expired)
}

func TestR4_ClockSteps(t *testing.T) {
	w := newWorld(t)
	r := w.live(draft("editor"))
	w.run(50*time.Minute, 10*time.Minute)
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour, 20 * 365 * 24 * time.Hour} {
		w.pass(-back)
		w.sweep()
		w.restart() // what was reached is remembered over a restart
		w.pass(back)
	}
	w.pass(-30 * time.Minute)
	w.restart()
	w.run(10*time.Minute, time.Minute) // ten minutes later by any clock
	w.run(time.Minute, time.Minute)
	w.is(r, engine.Expired)
}

// Revoked while the grant call is under way: the removal waits for it.
func TestRevokeDuringGrant_LeavesNothing(t *testing.T) {
	w := newWorld(t)
	var r engine.Request
	w.setFault(func(op string, a engine.Access) sandbox.Fault {
		if op == sandbox.OpGrant {
			if _, err := w.eng.Revoke(context.Background(), w.as("alice"), engine.Verdict{RequestID: a.ID}); err != nil {
				t.Errorf("revoke: %v", err)
			}
			// Another worker would find nothing to do yet.
			if got := w.get(a.ID); got.State != engine.Revoking || !got.WakeAt.After(w.clock()) {
				t.Errorf("%s, due %s", got.State, got.WakeAt)
			}
		}
		return sandbox.Fault{}
	})
	r = w.submit("alice", draft("viewer"))
	w.sweep()
	w.run(time.Minute, 10*time.Second)
	if w.is(r, engine.Revoked); w.has(r) {
		t.Error("access left")
	}
}

// The outcome of the grant is not known when it is given up: reading back
// "gone" is believed only after the call can no longer take effect.
func TestG3_GoneIsBelievedOnlyWhenTheGrantHasSettled(t *testing.T) {
	w := newWorld(t)
	w.setFault(on(sandbox.OpGrant, sandbox.Fault{Fail: errDown}))
	r := w.submit("alice", draft("viewer"))
	w.sweep()
	if _, err := w.eng.Revoke(context.Background(), w.as("alice"), engine.Verdict{RequestID: r.ID}); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	w.is(r, engine.Revoking)
	w.run(25*time.Second, time.Second) // the call may last 20 s, and take effect a little later
	w.is(r, engine.Revoking)
	w.run(6*time.Second, time.Second)
	w.is(r, engine.Revoked)
}

// R3: what fell due while the daemon was down goes first, and a lease that a
// crashed process left holds nothing up.
func TestR3_RecoverTakesAwayWhatIsOverdue(t *testing.T) {
	w := newWorld(t)
	r := w.live(draft("editor"))
	w.pass(2 * time.Hour)
	if _, _, err := w.store.Claim(context.Background(), engine.AccessQueue, w.clock(), time.Hour); err != nil {
		t.Fatal(err) // the process dies with the request in hand
	}
	w.restart()
	if err := w.eng.Recover(context.Background(), time.Minute); err != nil {
		t.Fatal(err)
	}
	w.is(r, engine.Expired)
}

// R3, R6: workers that run by themselves, in virtual time, without any bell.
func TestR3_WorkersEndAccessOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *engine.Options) { o.Now = time.Now })
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- w.eng.Run(ctx, engine.AccessQueue) }()
		}
		d := draft("viewer")
		d.Duration = 90 * time.Second
		r := w.submit("alice", d)
		synctest.Wait()
		w.is(r, engine.Active)
		time.Sleep(89 * time.Second) // virtual
		synctest.Wait()
		w.is(r, engine.Active)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.is(r, engine.Expired)
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestC4_Credentials(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	get := func(name string) error {
		_, err := w.eng.Credentials(context.Background(), w.as(name), r.ID)
		return err
	}
	refusal(t, get("alice"), engine.ErrConflict)
	if _, err := w.approve("bob", r); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	refusal(t, get("bob"), engine.ErrForbidden)
	refusal(t, get("root"), engine.ErrForbidden)
	refusal(t, get("eve"), engine.ErrNotFound)
	c, err := w.eng.Credentials(context.Background(), w.as("alice"), r.ID)
	if err != nil || len(c.Values) == 0 || c.ExpiresAt.After(w.get(r.ID).ExpiresAt) {
		t.Fatalf("%v, %v", c, err)
	}
	if token := c.Values[0].Reveal(); !w.cloud.TryToken(token, "prod", "write") {
		t.Error("the credential does not work")
	}
	last := w.events(r.ID)
	if e := last[len(last)-1]; e.Action != engine.EvCredentials || e.Actor != "alice@example.com" {
		t.Errorf("not on record: %+v", e)
	}
	w.pass(time.Hour) // the deadline, before any sweep
	refusal(t, get("alice"), engine.ErrConflict)
	w.sweep()
}

func TestWait_TellsTheDecision(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	done := make(chan engine.Request, 1)
	go func() {
		got, err := w.eng.Wait(context.Background(), w.as("alice"), r.ID, engine.WaitDecision)
		if err != nil {
			t.Error(err)
		}
		done <- got
	}()
	if _, err := w.eng.Deny(context.Background(), w.as("bob"), engine.Verdict{RequestID: r.ID, Comment: "no"}); err != nil {
		t.Fatal(err)
	}
	if got := <-done; got.State != engine.Rejected {
		t.Errorf("waited for %s", got.State)
	}
	short, cancel := context.WithCancel(context.Background())
	cancel()
	other := w.submit("alice", draft("editor"))
	if got, err := w.eng.Wait(short, w.as("alice"), other.ID, engine.WaitFinal); err != nil || got.State != engine.Pending {
		t.Errorf("in vain: %s, %v", got.State, err)
	}
}
