package engine_test

import (
	"flag"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// trial is one trace: a machine, and the spec that it is compared with.
type trial struct {
	*machine
	spec
	ledger   ledger
	final    map[string]engine.Request
	disabled map[string]time.Time
	about    *entry // what is being decided on
	armed    bool   // something happens while the engine waits for somebody else
	base     uint64 // the last entry of the log before what is going on
	outage   outage // what happens when the process dies
}

func newTrial(t *rapid.T) *trial {
	x := &trial{
		machine:  newMachine(t),
		ledger:   ledger{head: engine.Head{Hash: engine.ZeroHash}, account: map[string]*account{}},
		final:    map[string]engine.Request{},
		disabled: map[string]time.Time{},
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

// traces is how many traces are tried: a few hundred here, more where nobody
// waits, fewer where the race detector slows each down.
func traces(t *testing.T) string {
	n := 300
	if os.Getenv("CI") == "true" {
		n = 2000
	}
	if build, ok := debug.ReadBuildInfo(); ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		n /= 5 // nothing runs at the same time here that could race
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
// tried, JITSUDO_TRACES how much. The same lives are tried each time, so that a
// change is judged by what it changes; `just soak` (-rapid.seed=0) draws new ones.
func TestModel(t *testing.T) {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": traces(t), "rapid.steps": "40", "rapid.seed": "4711"} {
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
		x.command(x.submits)(t)
	}
	t.Repeat(map[string]func(*rapid.T){
		"":        func(*rapid.T) {},
		"submit":  x.command(x.submits),
		"submit2": x.command(x.submits),
		"approve": x.command(x.wishes(engine.ActApprove)),
		"contend": x.command(x.contends),
		"deny":    x.command(x.wishes(engine.ActDeny)),
		"cancel":  x.command(x.wishes(actCancel)),
		"revoke":  x.command(x.wishes(engine.ActRevoke)),
		"tick":    x.command(x.ticks),
		"tick2":   x.command(x.ticks),
		"sweep":   x.command(x.sweeps),
		"clock":   x.command(x.clocks),
		"doom":    x.command(x.dooms),
		"crash":   x.command(x.crashes),
		"trouble": x.command(x.troubles),
		"heal":    x.command(x.heals),
		"policy":  x.command(x.policies),
		"person":  x.command(x.persons),
		"chat":    x.command(x.chats),
		"arm":     x.command(x.arms),
		"arm2":    x.command(x.arms),
	})
	x.quiesce()
	return x.ledger.head.Hash
}

// command is one command: it is done, all that outlives the process is checked,
// and if the process died of it a new one is started and all is checked again.
func (x *trial) command(do func(t *rapid.T) (swept bool)) func(*rapid.T) {
	return func(t *rapid.T) {
		swept := do(t)
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

// quiesce lets everything be well again, and then time pass, until all is over.
func (x *trial) quiesce() {
	x.life.left, x.armed = 0, false
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
