package engine_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// trial is one trace: a machine, and the spec that it is compared with.
type trial struct {
	*machine
	spec
	ledger   ledger
	final    map[string]engine.Request
	disabled map[string]time.Time
	cards    map[string]engine.Message // on record, by request
	about    *entry                    // what is being decided on
	armed    bool                      // something happens while the engine waits for somebody else
	base     uint64                    // the last entry of the log before what is going on
	outage   outage                    // what happens when the process dies
}

// outage is how long a process stays dead, and where its clock is set meanwhile.
type outage struct{ down, step time.Duration }

func newTrial(t *rapid.T) *trial {
	x := &trial{
		machine: newMachine(t), ledger: ledger{head: engine.Head{Hash: engine.ZeroHash}, account: map[string]*account{}}, final: map[string]engine.Request{}, disabled: map[string]time.Time{},
		spec: spec{
			done: map[string]bool{}, made: map[string]*entry{}, unsure: map[string]bool{},
		},
	}
	x.people = x.directory
	x.meanwhile = x.interrupt
	x.decree(book{Revision: "1", Leads: "leads", Admins: 2, Second: rapid.SampledFrom([]string{"sre", ""}).Draw(t, "second")})
	x.boot()
	return x
}

func (x *trial) decree(b book) {
	x.book = b
	x.policy.set(b.Revision, func(q engine.Question) (engine.Decision, error) {
		x.interrupt()
		return b.decide(q)
	})
}

// traces is how many traces are tried: a few hundred here, more where nobody waits.
func traces(t *testing.T) string {
	n := 300
	if os.Getenv("CI") == "true" {
		n = 2000
	}
	if s := os.Getenv("JITSUDO_TRACES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1 {
			t.Fatalf("JITSUDO_TRACES=%q is no number of traces", s)
		}
	}
	return strconv.Itoa(n)
}

// TestModel tries random lives of many requests, with everything going wrong
// that can, and compares each step with a spec of what must be. A failure is
// shrunk and says how to see it again; -rapid.seed and -rapid.checks set what is
// tried, JITSUDO_TRACES how much.
func TestModel(t *testing.T) {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": traces(t), "rapid.steps": "40"} {
		if given[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) { trace(t) })
}

// The same seed gives the same trace, to the last hash of the log.
func TestModel_SameSeedSameTrace(t *testing.T) {
	heads := rapid.Custom(trace)
	for seed := 1; seed <= 5; seed++ {
		if a, b := heads.Example(seed), heads.Example(seed); a != b || a == engine.ZeroHash {
			t.Errorf("seed %d ends in %s and in %s", seed, a, b)
		}
	}
}

func trace(t *rapid.T) string {
	x := newTrial(t)
	for range 2 { // so that there is something to do something about
		x.step1(x.submits)(t)
	}
	t.Repeat(map[string]func(*rapid.T){
		"":        func(*rapid.T) {},
		"submit":  x.step1(x.submits),
		"submit2": x.step1(x.submits),
		"approve": x.step1(x.wishes(engine.ActApprove)),
		"contend": x.step1(x.contends),
		"deny":    x.step1(x.wishes(engine.ActDeny)),
		"cancel":  x.step1(x.wishes(actCancel)),
		"revoke":  x.step1(x.wishes(engine.ActRevoke)),
		"tick":    x.step1(x.ticks),
		"tick2":   x.step1(x.ticks),
		"sweep":   x.step1(x.sweeps),
		"clock":   x.step1(x.clocks),
		"doom":    x.step1(x.dooms),
		"crash":   x.step1(x.crashes),
		"trouble": x.step1(x.troubles),
		"heal":    x.step1(x.heals),
		"policy":  x.step1(x.policies),
		"person":  x.step1(x.persons),
		"chat":    x.step1(x.chats),
		"arm":     x.step1(x.arms),
		"arm2":    x.step1(x.arms),
	})
	x.quiesce()
	return x.ledger.head.Hash
}

// step1 is one command: it is done, all that outlives the process is checked,
// and if the process died of it a new one is started and all is checked again.
func (x *trial) step1(command func(t *rapid.T) (swept bool)) func(*rapid.T) {
	return func(t *rapid.T) {
		swept := command(t)
		x.check()
		if x.life.dead {
			x.revive()
			x.check()
			swept = true
		}
		if swept {
			x.checkTimes()
		}
	}
}

func (x *trial) revive() {
	x.kill()
	x.pass(x.outage.down / 2)
	x.step(x.outage.step)
	x.pass(x.outage.down / 2)
	x.boot()
}

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

func (x *trial) ticks(t *rapid.T) bool {
	d := rapid.SampledFrom([]time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
	}).Draw(t, "d")
	x.pass(d)
	return x.sweep()
}

func (x *trial) sweeps(*rapid.T) bool { return x.sweep() }

var clockSteps = []time.Duration{-24 * time.Hour, -time.Hour, time.Hour, 24 * time.Hour}

func (x *trial) clocks(t *rapid.T) bool {
	x.step(rapid.SampledFrom(clockSteps).Draw(t, "step"))
	return x.sweep()
}

func (x *trial) drawOutage(t *rapid.T) {
	x.outage.down = rapid.SampledFrom([]time.Duration{0, 2 * time.Second, time.Minute, 3 * time.Hour, 30 * time.Hour}).Draw(t, "down")
	x.outage.step = rapid.SampledFrom(append([]time.Duration{0, 0, 0, 0}, clockSteps...)).Draw(t, "step")
}

// dooms makes the process die later, at one of the next things it does.
func (x *trial) dooms(t *rapid.T) bool {
	x.drawOutage(t)
	x.life.left = rapid.IntRange(1, 8).Draw(t, "left")
	x.life.how = rapid.SampledFrom([]death{diesBefore, diesAfter, diesLate}).Draw(t, "how")
	return false
}

func (x *trial) crashes(t *rapid.T) bool {
	x.drawOutage(t)
	x.life.dead = true
	return false
}

func (x *trial) troubles(t *rapid.T) bool {
	grant, revoke, observe := sandbox.OpGrant, sandbox.OpRevoke, sandbox.OpObserve
	x.trouble = rapid.SampledFrom([]trouble{
		{op: "", fault: sandbox.Fault{Fail: errDown}},
		{op: "", fault: sandbox.Fault{FailAfter: errDown}},
		{op: grant, fault: sandbox.Fault{Fail: errDown}},
		{op: grant, fault: sandbox.Fault{FailAfter: errDown}},
		{op: grant, fault: sandbox.Fault{Pretend: true}},
		{op: grant, late: 3 * time.Second},
		{op: grant, late: 28 * time.Second},
		{op: grant, fault: sandbox.Fault{Fail: engine.Refuse(engine.ErrInvalid, "The role is gone.")}},
		{op: revoke, fault: sandbox.Fault{Fail: errDown}},
		{op: revoke, fault: sandbox.Fault{FailAfter: errDown}},
		{op: revoke, fault: sandbox.Fault{Pretend: true}},
		{op: observe, fault: sandbox.Fault{Fail: errDown}},
		{op: observe, fault: sandbox.Fault{See: engine.Absent}},
		{op: observe, fault: sandbox.Fault{See: engine.Present}},
		{op: observe, fault: sandbox.Fault{See: engine.Foreign}},
	}).Draw(t, "trouble")
	x.trouble.on = true
	x.calm = 1 << 62
	return false
}

func (x *trial) heals(t *rapid.T) bool {
	if !x.trouble.on {
		t.Skip("nothing is wrong")
	}
	x.trouble, x.calm = trouble{}, x.sure
	return false
}

func (x *trial) policies(t *rapid.T) bool {
	n, _ := strconv.Atoi(x.book.Revision)
	x.decree(book{
		Revision: strconv.Itoa(n + 1),
		Frozen:   rapid.IntRange(0, 5).Draw(t, "frozen") == 5,
		Leads:    rapid.SampledFrom([]string{"leads", "leads", "sre"}).Draw(t, "leads"),
		Admins:   rapid.IntRange(1, 3).Draw(t, "admins"),
		Second:   rapid.SampledFrom([]string{"", "sre"}).Draw(t, "second"),
		Longest:  rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute, time.Hour}).Draw(t, "longest"),
	})
	return false
}

func (x *trial) persons(t *rapid.T) bool {
	id := rapid.SampledFrom(names).Draw(t, "who")
	p := x.directory[id]
	p.Disabled = !p.Disabled
	x.directory[id] = p
	x.disabled[id] = x.now
	return false
}

func (x *trial) chats(*rapid.T) bool {
	x.chat.down = !x.chat.down
	return false
}

// quiesce lets everything be well again, and then time pass, until all is over.
func (x *trial) quiesce() {
	x.life.left = 0
	x.trouble, x.chat.down = trouble{}, false
	if x.calm > x.sure {
		x.calm = x.sure
	}
	for range 8 {
		x.pass(20 * time.Second)
		x.sweep()
	}
	x.check()
	x.checkTimes()
	x.checkQuiet()
	for range 3 {
		x.pass(25 * time.Hour)
		x.sweep()
		x.pass(time.Minute)
		x.sweep()
	}
	x.check()
	x.checkTimes()
	for _, e := range x.entries {
		if !e.state.Final() {
			x.t.Fatalf("R3: request %s is %s when all should be over", e.id, e.state)
		}
	}
	if left := x.cloud.Bindings(); len(left) > 0 {
		x.t.Fatalf("G2: left: %+v", left)
	}
	if _, err := x.disk.Verify(bg); err != nil {
		x.t.Fatalf("U3: %v", err)
	}
}

var (
	names = slices.Sorted(maps.Keys(colleagues))
	keys  = []string{"", "", "k1", "k2"}
)
