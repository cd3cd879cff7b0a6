package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

var bg = context.Background()

// G3: whatever makes the outcome of a grant call unknown, "gone" is believed only
// once that call can no longer take effect.
func TestG3_UncertainGrantIsNotForgotten(t *testing.T) {
	for name, uncertain := range map[string]func(*world) engine.Request{
		"RevokedDuringACallThatFails": func(w *world) engine.Request {
			w.setFault(func(op string, a engine.Access) sandbox.Fault {
				if op != sandbox.OpGrant {
					return sandbox.Fault{}
				}
				w.revoke("alice", a.ID)
				return sandbox.Fault{Fail: errDown}
			})
			r := w.submit("alice", draft("viewer"))
			w.sweep()
			return r
		},
		"CrashDuringTheCall": func(w *world) engine.Request {
			w.setFault(func(op string, a engine.Access) sandbox.Fault {
				if op == sandbox.OpGrant {
					panic("the process dies here")
				}
				return sandbox.Fault{}
			})
			r := w.submit("alice", draft("viewer"))
			w.sweep()
			w.revoke("alice", r.ID)
			w.restart()
			if err := w.eng.Recover(bg, time.Minute); err != nil {
				w.t.Fatal(err)
			}
			return r
		},
		"GivenButNotSeenYet": func(w *world) engine.Request {
			w.setFault(on(sandbox.OpObserve, sandbox.Fault{See: engine.Absent}))
			r := w.submit("alice", draft("viewer"))
			w.sweep()
			w.setFault(func(op string, _ engine.Access) sandbox.Fault {
				return sandbox.Fault{Pretend: op == sandbox.OpRevoke, See: engine.Absent}
			})
			w.revoke("alice", r.ID)
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := uncertain(w)
			w.sweep()
			w.is(r, engine.Revoking)
			w.setFault(nil)
			w.run(time.Minute, 5*time.Second)
			if r = w.get(r.ID); !r.State.Final() || w.has(r) {
				t.Errorf("%s, access %v", r.State, w.has(r))
			}
		})
	}
}

func TestG3_SettlingCountsFromTheEndOfACallThatTimedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *engine.Options) { o.Now = time.Now })
		w.setFault(on(sandbox.OpGrant, sandbox.Fault{Hang: true}))
		r := w.submit("alice", draft("viewer"))
		w.sweep() // 20 virtual seconds
		w.setFault(nil)
		w.revoke("alice", r.ID)
		w.sweep()
		w.is(r, engine.Revoking)
		time.Sleep(11 * time.Second) // virtual
		w.sweep()
		w.is(r, engine.Revoked)
	})
}

func (w *world) revoke(name, id string) {
	w.t.Helper()
	if _, err := w.eng.Revoke(bg, w.as(name), engine.Verdict{RequestID: id}); err != nil {
		w.t.Error(err)
	}
}

// G1: a grant that lands after its claim ran out, and after the request ended,
// is taken away again and put on record.
func TestG1_LateGrantIsTakenAway(t *testing.T) {
	w := newWorld(t)
	w.setFault(func(op string, a engine.Access) sandbox.Fault {
		if op == sandbox.OpGrant {
			w.setFault(nil)
			w.pass(20 * time.Minute) // the machine was suspended: claim and budget are over
			w.sweep()                // another worker gives up,
			w.pass(time.Minute)
			w.sweep() // and finds nothing there
			w.is(engine.Request{ID: a.ID}, engine.Failed)
		}
		return sandbox.Fault{}
	})
	r := w.submit("alice", draft("viewer"))
	w.sweep()
	w.is(r, engine.Failed)
	if w.has(r) {
		t.Error("the late grant stands")
	}
	all := w.events(r.ID)
	if last := all[len(all)-1]; last.Action != engine.EvOrphaned || last.Details["removed"] != true {
		t.Errorf("on record: %+v", last)
	}
}

func TestG2_ReconcileRemovesWhatHasNoLiveRequest(t *testing.T) {
	w := newWorld(t)
	r, other := w.live(draft("editor")), w.live(draft("viewer"))
	w.revoke("alice", r.ID)
	w.sweep()
	// The access comes back by no doing of ours, with our own mark on it.
	if err := w.cloud.Grant(bg, engine.Access{ID: r.ID, Principal: r.Requester, Target: r.Target, Deadline: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := w.eng.Reconcile(bg); err != nil {
		t.Fatal(err)
	}
	for _, b := range w.cloud.Bindings() {
		if b.Request != other.ID {
			t.Errorf("left: %+v", b)
		}
	}
	w.is(other, engine.Active)
	w.run(2*time.Hour, time.Hour)
}

// R1: an access whose mark was taken off is not "gone".
func TestR1_AccessThatLostItsMarkIsNotGone(t *testing.T) {
	w := newWorld(t)
	r := w.live(draft("editor"))
	b := w.cloud.Bindings()[0]
	b.Owner = "me"
	if err := w.cloud.Plant(b); err != nil {
		t.Fatal(err)
	}
	w.run(2*time.Hour, 10*time.Minute)
	if r = w.is(r, engine.Expiring); r.Failure == "" {
		t.Error("nobody is told")
	}
	if err := w.cloud.Uproot(b.Name); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute, 10*time.Second)
	w.is(r, engine.Expired)
}

// R3: a provider that hangs does not keep another's accesses from ending.
func TestR3_HungProviderHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *engine.Options) {
			o.Now = time.Now
			o.Limits.PendingPerPerson, o.Limits.RatePerPerson = -1, -1
		})
		healthy, err := sandbox.New(sandbox.Options{Name: "other"})
		if err != nil {
			t.Fatal(err)
		}
		w.opts.Platforms["other"] = engine.Platform{Provider: healthy}
		if w.eng, err = engine.New(bg, w.opts); err != nil {
			t.Fatal(err)
		}
		d := draft("viewer")
		d.Duration = 10 * time.Minute
		for range 40 {
			w.submit("alice", d)
		}
		d.Target.Provider = "other"
		d.Duration += time.Second
		r := w.submit("alice", d)
		w.sweep()
		w.is(r, engine.Active)
		w.setFault(on(sandbox.OpRevoke, sandbox.Fault{Hang: true}))
		ctx, cancel := context.WithCancel(bg)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { _ = w.eng.Run(ctx, engine.AccessQueue) })
		}
		time.Sleep(time.Until(r.ExpiresAt) + 10*time.Second) // virtual
		if w.is(r, engine.Expired); len(healthy.Bindings()) != 0 {
			t.Error("access is left")
		}
		w.setFault(nil)
		time.Sleep(5 * time.Minute) // virtual
		cancel()
		wg.Wait()
	})
}

// R4: time passes while the daemon is down, also when its clock was wrong before.
func TestR4_DowntimeCounts(t *testing.T) {
	w := newWorld(t)
	w.pass(24 * time.Hour) // the clock is a day ahead
	r := w.live(draft("editor"))
	w.pass(-24 * time.Hour) // and is put right
	w.sweep()
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.pass(3 * time.Hour)
	w.start()
	if err := w.eng.Recover(bg, time.Minute); err != nil {
		t.Fatal(err)
	}
	w.is(r, engine.Expired)
}

// R4: while the engine's time is ahead, a platform with a clock of its own is
// told the deadline by the wall.
func TestR4_ProviderIsToldTheDeadlineByTheWall(t *testing.T) {
	w := newWorld(t)
	w.pass(24 * time.Hour)
	w.sweep()
	w.pass(-24 * time.Hour)
	r := w.live(draft("editor"))
	if got := w.cloud.Bindings()[0].Deadline; !got.Equal(noon.Add(time.Hour)) || !r.ExpiresAt.Equal(noon.Add(25*time.Hour)) {
		t.Errorf("told %s, own deadline %s", got, r.ExpiresAt)
	}
	w.run(2*time.Hour, 30*time.Minute)
	w.is(r, engine.Expired)
}

func TestR8_DisabledPeopleHaveNoAccess(t *testing.T) {
	disable := func(w *world) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.people["alice@example.com"] = engine.Principal{ID: "alice@example.com", Disabled: true}
	}
	t.Run("LiveAccessIsRevokedWithinFiveMinutes", func(t *testing.T) {
		w := newWorld(t)
		r := w.live(draft("editor"))
		w.run(7*time.Minute, time.Minute)
		disable(w)
		w.run(5*time.Minute, time.Minute)
		if r = w.is(r, engine.Revoked); r.EndReason == "" {
			t.Error("nobody is told why")
		}
	})
	t.Run("NothingIsGivenAfterTheApproval", func(t *testing.T) {
		w := newWorld(t)
		r := w.submit("alice", draft("viewer"))
		disable(w)
		w.sweep()
		if w.is(r, engine.Failed); w.has(r) {
			t.Error("given")
		}
	})
}

// S4: the keys of different deeds and people never meet.
func TestS4_KeysOfOthersDisarmNothing(t *testing.T) {
	w := newWorld(t)
	d := draft("viewer")
	d.Key = "revoke root@example.com k1"
	r := w.live(d)
	if _, err := w.eng.Revoke(bg, w.as("root"), engine.Verdict{RequestID: r.ID, Key: "k1"}); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	w.is(r, engine.Revoked)
}

func TestQuota_HoldsUnderConcurrency(t *testing.T) {
	w := newWorld(t, func(o *engine.Options) { o.Limits.PendingPerPerson = 2 })
	by := w.as("alice")
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.eng.Submit(bg, by, draft("editor")) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			refusal(t, err, engine.ErrLimited)
		}
	}
	if made != 2 {
		t.Errorf("%d pending, limit 2", made)
	}
}

// A2: the policy is withdrawn while the platform is asked whether the target exists.
func TestA2_SubmitUnderAWithdrawnPolicy(t *testing.T) {
	w := newWorld(t)
	w.setFault(func(op string, _ engine.Access) sandbox.Fault {
		if op == sandbox.OpCheck {
			w.policy.set("r2", func(engine.Question) (engine.Decision, error) { return engine.Decision{}, nil })
		}
		return sandbox.Fault{}
	})
	_, err := w.eng.Submit(bg, w.as("alice"), draft("viewer"))
	refusal(t, err, engine.ErrForbidden)
}

// A6: an approval is held to the caps as they are when it is given.
func TestA6_CapsAtTheDecision(t *testing.T) {
	w := newWorld(t)
	d := draft("editor")
	d.Duration = 8 * time.Hour
	r := w.submit("alice", d)
	w.opts.Limits.MaxDuration = time.Hour
	w.restart()
	_, err := w.approve("bob", r)
	refusal(t, err, engine.ErrInvalid)
	r, err = w.eng.Approve(bg, w.as("bob"), engine.Verdict{RequestID: r.ID, Duration: time.Hour})
	if err != nil || r.State != engine.Approved {
		t.Fatalf("for less: %s, %v", r.State, err)
	}
	w.run(2*time.Hour, 30*time.Minute)
}

func TestT1_ProgramsDoNotApproveForPeople(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	by := w.as("bob")
	by.Via = engine.ViaMCP
	_, err := w.eng.Approve(bg, by, engine.Verdict{RequestID: r.ID})
	refusal(t, err, engine.ErrForbidden)
	w.is(r, engine.Pending)
}

// strange is a provider with bad manners.
type strange struct{ *sandbox.Cloud }

func (strange) Mint(context.Context, engine.Access) (engine.Credentials, error) {
	return engine.Credentials{ExpiresAt: noon.Add(100 * time.Hour)}, nil
}

func (strange) HowToUse(engine.Access) string { panic("no manners") }

func TestC4_CredentialsThatOutliveTheAccessAreThrownAway(t *testing.T) {
	w := newWorld(t)
	w.opts.Platforms["sandbox"] = engine.Platform{Provider: strange{w.cloud}}
	r := w.live(draft("editor"))
	_, err := w.eng.Credentials(bg, w.as("alice"), r.ID)
	refusal(t, err, engine.ErrUnavailable)
	w.run(2*time.Hour, time.Hour)
}

func TestCards_GuideThatPanicsHoldsNothingUp(t *testing.T) {
	b := &board{}
	w := newWorld(t, func(o *engine.Options) { o.Notifier = b })
	w.opts.Platforms["sandbox"] = engine.Platform{Provider: strange{w.cloud}}
	r := w.live(draft("editor"))
	if b.state[r.ID] != engine.Active {
		t.Errorf("the card shows %s", b.state[r.ID])
	}
	w.run(2*time.Hour, time.Hour)
}

// U9: who hangs up is on record all the same; who knocks all day, not each time.
func TestU9_RefusalsAreRecordedWithinBounds(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	gone, cancel := context.WithCancel(bg)
	w.policy.set("slow", func(engine.Question) (engine.Decision, error) {
		cancel()
		return engine.Decision{}, nil
	})
	if _, err := w.eng.Approve(gone, w.as("bob"), engine.Verdict{RequestID: r.ID}); err == nil {
		t.Fatal("approved")
	}
	count := func() int {
		p, err := w.store.Events(bg, engine.EventFilter{Action: engine.EvAuthRefused, PageSize: engine.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Events)
	}
	if count() != 1 {
		t.Fatalf("%d entries for one who hung up", count())
	}
	for range 300 {
		_, err := w.eng.Approve(bg, w.as("eve"), engine.Verdict{RequestID: r.ID})
		refusal(t, err, engine.ErrForbidden)
	}
	if n := count(); n < 10 || n > 100 {
		t.Errorf("%d entries for 300 refusals within a minute", n)
	}
}

// A policy whose revision never stands still decides nothing, and holds nobody for ever.
func TestDecide_EndsWhenThePolicyNeverStandsStill(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	n := 0
	w.policy.set("0", nil)
	w.policy.set("0", func(q engine.Question) (engine.Decision, error) {
		n++
		w.policy.mu.Lock()
		w.policy.revision = fmt.Sprint(n)
		w.policy.mu.Unlock()
		return oneLead(q)
	})
	_, err := w.approve("bob", r)
	refusal(t, err, engine.ErrUnavailable)
}

func TestAlive_SaysWhenNoWorkerComesRound(t *testing.T) {
	w := newWorld(t)
	w.sweep()
	if err := w.eng.Alive(); err != nil {
		t.Error(err)
	}
	w.pass(10 * time.Minute)
	if err := w.eng.Alive(); err == nil {
		t.Error("ten minutes without a worker, and nobody notices")
	}
	if err := w.eng.Sweep(bg); err != nil || errors.Is(w.eng.Alive(), engine.ErrUnavailable) {
		t.Error(err)
	}
}

// R3: whoever asks all day does not keep the platform, where ends are due, busy.
func TestD1_AskingIsBoundedForEachPerson(t *testing.T) {
	w := newWorld(t, func(o *engine.Options) { o.Limits.PendingPerPerson, o.Limits.RatePerPerson = -1, -1 })
	var checks int
	w.setFault(func(op string, _ engine.Access) sandbox.Fault {
		if op == sandbox.OpCheck {
			checks++
		}
		return sandbox.Fault{}
	})
	d := draft("editor")
	d.Target.Scope = "mars"
	for range 500 {
		if _, err := w.eng.Submit(bg, w.as("alice"), d); err == nil {
			t.Fatal("accepted")
		}
	}
	if checks > 60 {
		t.Errorf("the platform was asked %d times within a minute", checks)
	}
	w.submit("carol", draft("editor"))
	w.pass(time.Minute)
	w.submit("alice", draft("editor"))
}

func TestU9_TurnedAwayWithinBounds(t *testing.T) {
	w := newWorld(t)
	who := engine.Actor{Via: engine.ViaSlack, Account: engine.Account{System: "slack", Subject: "UGUEST"}}
	for range 300 {
		if err := w.eng.Refused(bg, who, "", "a guest"); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.store.Events(bg, engine.EventFilter{Action: engine.EvAuthRefused, PageSize: engine.MaxPage})
	if err != nil || len(p.Events) < 10 || len(p.Events) > 100 || p.Events[0].Actor != "slack:UGUEST" {
		t.Errorf("%d entries, %v", len(p.Events), err)
	}
}
