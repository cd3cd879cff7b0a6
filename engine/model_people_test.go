package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// What people do in a trace, and how it is compared with the spec.

// record is the request as it is on the disk, whoever lives.
func (x *trial) record(id string) engine.Request {
	x.t.Helper()
	r, err := x.disk.Get(bg, id)
	if err != nil {
		x.t.Fatal(err)
	}
	return r
}

// adopt takes a request over as it is on the disk: the process died of the wish,
// and nobody heard whether it was carried out.
func (x *trial) adopt(e *entry) {
	r := x.record(e.id)
	e.state, e.revision, e.duration, e.approvers, e.required = r.State, r.Revision, r.Duration, approvers(r), r.Terms.Required
	if e.deadline.IsZero() && !r.ExpiresAt.IsZero() {
		e.deadline, e.decided = r.ExpiresAt, x.hours
	}
}

func (x *trial) head() uint64 {
	x.t.Helper()
	head, err := x.disk.Head(bg)
	if err != nil {
		x.t.Fatal(err)
	}
	return head.ID
}

// deed is something that a person tries.
type deed struct {
	what  string
	want  func() error // the kind of error that it must meet, nil being none
	do    func() error
	apply func() int // does the same to the spec, and returns how many entries are logged
}

// try does d and compares. Whatever is done meanwhile comes before it: what is
// refused may have been refused for what was before that, but what is done is
// right as things are then.
func (x *trial) try(d deed) (alive bool, err error) {
	x.t.Helper()
	first := d.want()
	x.base = x.head()
	if err = d.do(); x.life.dead {
		return false, err
	}
	second := d.want()
	var refusal *engine.Refusal
	switch {
	case err == nil && second == nil:
		x.logged(d.what, d.apply())
	case err == nil && first == nil && errors.Is(second, errLess):
		x.logged(d.what, d.apply())
	case err == nil || !errors.Is(err, kind(first)) && !errors.Is(err, kind(second)):
		x.t.Fatalf("%s: %v, want %v", d.what, err, second)
	case !errors.As(err, &refusal):
		x.t.Fatalf("%s: %v is nothing to say to a person", d.what, err)
	case errors.Is(err, engine.ErrForbidden):
		x.logged("a refusal", 1)
	default:
		x.logged("an error", 0)
	}
	return true, err
}

// kind is what a surface hears of an error.
func kind(err error) error {
	if errors.Is(err, engine.ErrForbidden) {
		return engine.ErrForbidden
	}
	return err
}

// logged fails unless the log has grown by so many entries.
func (x *trial) logged(what string, want int) {
	x.t.Helper()
	if got := int(x.head() - x.base); got != want {
		x.t.Fatalf("U1: %s left %d entries in the log, want %d", what, got, want)
	}
}

// arms makes something happen while the engine waits for the policy or the cloud.
func (x *trial) arms(*rapid.T) bool {
	x.armed = true
	return false
}

// contends is an approval during which something else happens.
func (x *trial) contends(t *rapid.T) bool {
	x.armed = true
	return x.wishes(engine.ActApprove)(t)
}

// interrupt is called while the engine waits. All must be in order then, too.
func (x *trial) interrupt() {
	if !x.armed || x.life.dead || len(x.entries) == 0 {
		return
	}
	x.armed = false
	x.t.Logf("meanwhile:")
	x.check()
	about := x.about
	switch what := rapid.IntRange(0, 4).Draw(x.t, "what"); {
	case what == 4 && !x.trouble.on && x.life.left == 0:
		x.pass(rapid.SampledFrom([]time.Duration{10 * time.Second, 70 * time.Second, 20 * time.Minute}).Draw(x.t, "stall"))
		x.sweep() // another worker
		x.stalled = true
		x.check()
	case what == 3:
		x.policies(x.t)
	default:
		x.wishes(rapid.SampledFrom([]engine.Action{engine.ActApprove, engine.ActApprove, engine.ActDeny, actCancel, engine.ActRevoke}).Draw(x.t, "do"))(x.t)
	}
	x.about, x.base = about, x.head()
	x.t.Logf("so much for that")
}

func (x *trial) submits(t *rapid.T) bool {
	by := rapid.SampledFrom(append([]string{"alice@example.com", "alice@example.com", "bob@example.com"}, names...)).Draw(t, "by")
	d := engine.Draft{
		Target: engine.Target{Provider: "sandbox", Role: rapid.SampledFrom([]string{"viewer", "editor", "viewer", "admin"}).Draw(t, "role"), Scope: "prod"},
		Reason: "INC-1", Key: rapid.SampledFrom(keys).Draw(t, "key"),
		Duration:   rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour, 5 * time.Hour}).Draw(t, "for"),
		BreakGlass: rapid.IntRange(0, 4).Draw(t, "urgent") == 4,
	}
	actor, ok := x.identify(t, by)
	if !ok || x.unsure[by+" "+d.Key] {
		return false
	}
	var r engine.Request
	alive, _ := x.try(deed{
		what: "a request of " + by,
		want: func() error { return x.submit(by, d, !x.trouble.on || x.trouble.op != "", x.now) },
		do: func() (err error) {
			r, err = x.eng.Submit(bg, actor, d)
			t.Logf("%s asks for %+v: %s %s %v", by, d, r.ID, r.State, err)
			return err
		},
		apply: func() int {
			if earlier := x.made[by+" "+d.Key]; earlier == nil {
				return x.create(by, d, r.ID, x.hours)
			} else if earlier.id != r.ID {
				t.Fatalf("S4: key %s of %s gave %s, before it was %s", d.Key, by, r.ID, earlier.id)
			}
			return 0
		},
	})
	if !alive {
		x.lost(by, d)
	}
	return false
}

// lost takes over what became of a submission that the process died of.
func (x *trial) lost(by string, d engine.Draft) {
	if d.Key != "" {
		x.unsure[by+" "+d.Key] = true
	}
	for id := range x.records() {
		if !slices.ContainsFunc(x.entries, func(e *entry) bool { return e.id == id }) {
			x.create(by, d, id, x.hours)
		}
	}
}

// identify returns somebody as a surface recognises them, and whether it does.
func (x *trial) identify(t *rapid.T, id string) (engine.Actor, bool) {
	via := rapid.SampledFrom([]engine.Via{engine.ViaAPI, engine.ViaCLI, engine.ViaSlack}).Draw(t, "via")
	actor, err := x.eng.Identify(bg, id, via, engine.Account{})
	if (err != nil) != x.directory[id].Disabled {
		t.Fatalf("%s is recognised: %v", id, err)
	}
	return actor, err == nil
}

func (x *trial) wishes(action engine.Action) func(*rapid.T) bool {
	return func(t *rapid.T) bool {
		if len(x.entries) == 0 {
			t.Skip("nothing was asked for")
		}
		e := x.entries[len(x.entries)-1-rapid.IntRange(0, min(5, len(x.entries)-1)).Draw(t, "back")]
		if x.about != nil && rapid.IntRange(0, 3).Draw(t, "same") < 3 {
			e = x.about
		}
		w := wish{action: action, e: e, by: rapid.SampledFrom(likely(action, e)).Draw(t, "by"), v: engine.Verdict{
			RequestID: e.id, Comment: "because", Key: rapid.SampledFrom(keys).Draw(t, "key"),
		}}
		if action == engine.ActApprove {
			w.v.Revision = rapid.SampledFrom([]uint64{0, 0, 1, 1, 2}).Draw(t, "revision")
			w.v.Duration = rapid.SampledFrom([]time.Duration{0, 0, 0, 30 * time.Second, 30 * time.Minute}).Draw(t, "for")
		}
		switch rapid.IntRange(0, 5).Draw(t, "message") {
		case 5:
			w.v.On = engine.Message{Chat: "slack", Channel: "C1", ID: "forged"}
		case 3, 4:
			w.v.On = x.record(e.id).Drawing.Card
		}
		actor, ok := x.identify(t, w.by)
		if ok && !x.unsure[w.key()] {
			x.carryOut(w, actor)
		}
		return false
	}
}

// likely are the people who may want this, those who may do it first: rapid
// shrinks towards them.
func likely(action engine.Action, e *entry) []string {
	first := []string{e.requester, e.requester, e.requester, e.requester}
	if action == engine.ActApprove || action == engine.ActDeny {
		first = []string{"carol@example.com", "bob@example.com", "dave@example.com", "carol@example.com", "bob@example.com", "dave@example.com"}
	}
	return append(first, names...)
}

func (x *trial) carryOut(w wish, actor engine.Actor) {
	x.t.Helper()
	do := map[engine.Action]func() (engine.Request, error){
		engine.ActApprove: func() (engine.Request, error) { return x.eng.Approve(bg, actor, w.v) },
		engine.ActDeny:    func() (engine.Request, error) { return x.eng.Deny(bg, actor, w.v) },
		engine.ActRevoke:  func() (engine.Request, error) { return x.eng.Revoke(bg, actor, w.v) },
		actCancel:         func() (engine.Request, error) { return x.eng.Cancel(bg, actor, w.v) },
	}[w.action]
	var r engine.Request
	x.about = w.e
	what := fmt.Sprintf("%s by %s on %s", w.action, w.by, w.e.id)
	alive, err := x.try(deed{
		what: what,
		want: func() error { return x.verdict(w, x.now, x.record(w.e.id).Drawing.Card) },
		do: func() (err error) {
			r, err = do()
			x.t.Logf("%s %+v: %s %v", what, w.v, r.State, err)
			return err
		},
		apply: func() int { return x.apply(w, x.hours) },
	})
	x.about = nil
	if !alive && w.v.Key != "" {
		x.unsure[w.key()] = true
	}
	if !alive {
		x.adopt(w.e)
	} else if err == nil && r.State != w.e.state {
		x.t.Fatalf("%s says %s, want %s", what, r.State, w.e.state)
	}
}
