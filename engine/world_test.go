package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is an engine with a real store and the fake cloud, under a clock that
// the test moves. After every test it is checked that no request that has ended
// left access behind, and that the audit log verifies.
type world struct {
	t     *testing.T
	dir   string
	eng   *engine.Engine
	store *bolt.Store
	cloud *sandbox.Cloud
	opts  engine.Options

	mu     sync.Mutex
	now    time.Time
	faults func(op string, a engine.Access) sandbox.Fault
	policy rules
	wall   func() time.Time // the clock that engine and cloud share
	people map[string]engine.Principal
}

// rules is a policy that a test writes down.
type rules struct {
	mu       sync.Mutex
	decide   func(engine.Question) (engine.Decision, error)
	revision string
}

func (p *rules) Decide(_ context.Context, q engine.Question) (engine.Decision, error) {
	p.mu.Lock()
	decide, revision := p.decide, p.revision
	p.mu.Unlock()
	d, err := decide(q)
	d.Revision = revision
	return d, err
}

func (p *rules) Revision() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.revision
}

func (p *rules) set(revision string, decide func(engine.Question) (engine.Decision, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decide, p.revision = decide, revision
}

// oneLead: anybody may ask; leads approve; viewer needs nobody.
func oneLead(q engine.Question) (engine.Decision, error) {
	d := engine.Decision{Allowed: true, Terms: engine.Terms{Required: 1, ApproverGroups: []string{"leads"}}}
	switch q.Action {
	case engine.ActRequest:
		if q.Request.Target.Role == "viewer" {
			d.Terms = engine.Terms{Tier: engine.TierAuto}
		}
	case engine.ActBreakGlass:
		d.Allowed = q.User.In("sre")
	case engine.ActApprove, engine.ActDeny, engine.ActRevoke:
		d.Allowed = q.User.In("leads")
	}
	return d, nil
}

func (w *world) Lookup(_ context.Context, id string) (engine.Principal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, ok := w.people[id]; ok {
		return p, nil
	}
	return engine.Principal{}, engine.ErrNotFound
}

func newWorld(t *testing.T, change ...func(*engine.Options)) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: noon, people: map[string]engine.Principal{}}
	for id, groups := range map[string][]string{
		"alice@example.com": {"sre"}, "bob@example.com": {"leads"}, "carol@example.com": {"leads"}, "root@example.com": {"admins"}, "eve@example.com": nil,
	} {
		w.people[id] = engine.Principal{ID: id, Groups: groups}
	}
	w.policy.set("r1", oneLead)
	w.opts = engine.Options{Policy: &w.policy, Directory: w, Admins: []string{"admins"}, Sole: true, Now: w.clock}
	for _, f := range change {
		f(&w.opts)
	}
	w.wall = w.opts.Now
	w.start()
	t.Cleanup(w.finish)
	return w
}

// start opens everything, also again after [world.crash].
func (w *world) start() {
	w.t.Helper()
	var err error
	if w.store, err = bolt.Open(filepath.Join(w.dir, "j.db"), bolt.Options{}); err != nil {
		w.t.Fatal(err)
	}
	w.cloud, err = sandbox.New(sandbox.Options{Now: w.wall, File: filepath.Join(w.dir, "cloud.json"), Fault: w.fault})
	if err != nil {
		w.t.Fatal(err)
	}
	w.opts.Store = w.store
	w.opts.Platforms = map[string]engine.Platform{"sandbox": {Provider: w.cloud}}
	if w.eng, err = engine.New(w.t.Context(), w.opts); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func (w *world) fault(op string, a engine.Access) sandbox.Fault {
	w.mu.Lock()
	f := w.faults
	w.mu.Unlock()
	if f == nil {
		return sandbox.Fault{}
	}
	return f(op, a)
}

func (w *world) setFault(f func(op string, a engine.Access) sandbox.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = f
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
}

func (w *world) sweep() {
	w.t.Helper()
	if err := w.eng.Sweep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// run lets time pass in steps, as the workers of a daemon would see it.
func (w *world) run(total, step time.Duration) {
	w.t.Helper()
	for ; total > 0; total -= step {
		w.pass(step)
		w.sweep()
	}
}

func (w *world) as(name string) engine.Actor {
	w.t.Helper()
	a, err := w.eng.Identify(context.Background(), name+"@example.com", engine.ViaAPI, engine.Account{})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func draft(role string) engine.Draft {
	return engine.Draft{Target: engine.Target{Provider: "sandbox", Role: role, Scope: "prod"}, Reason: "INC-1", Duration: time.Hour}
}

func (w *world) submit(name string, d engine.Draft) engine.Request {
	w.t.Helper()
	r, err := w.eng.Submit(context.Background(), w.as(name), d)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) approve(name string, r engine.Request) (engine.Request, error) {
	w.t.Helper()
	return w.eng.Approve(context.Background(), w.as(name), engine.Verdict{RequestID: r.ID})
}

// live returns a request that is ACTIVE.
func (w *world) live(d engine.Draft) engine.Request {
	w.t.Helper()
	r := w.submit("alice", d)
	if r.State == engine.Pending {
		if _, err := w.approve("bob", r); err != nil {
			w.t.Fatal(err)
		}
	}
	w.sweep()
	return w.is(r, engine.Active)
}

func (w *world) get(id string) engine.Request {
	w.t.Helper()
	r, err := w.store.Get(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) is(r engine.Request, want engine.State) engine.Request {
	w.t.Helper()
	r = w.get(r.ID)
	if r.State != want {
		w.t.Fatalf("request is %s (%s; %s), want %s", r.State, r.Failure, r.Work.Error, want)
	}
	return r
}

func (w *world) has(r engine.Request) bool {
	return w.cloud.Try(r.Requester, r.Target.Scope, "read")
}

func (w *world) events(id string) []engine.Event {
	w.t.Helper()
	p, err := w.store.Events(context.Background(), engine.EventFilter{RequestID: id, Ascending: true, PageSize: engine.MaxPage})
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Events
}

func (w *world) actions(id string) []string {
	var names []string
	for _, e := range w.events(id) {
		names = append(names, e.Action)
	}
	return names
}

// finish checks what must hold at the end of every test.
func (w *world) finish() {
	w.t.Helper()
	if _, err := w.store.Verify(context.Background()); err != nil {
		w.t.Errorf("U3: %v", err)
	}
	p, err := w.store.List(context.Background(), engine.Filter{PageSize: engine.MaxPage})
	if err != nil {
		w.t.Fatal(err)
	}
	live := map[string]bool{}
	for _, r := range p.Requests {
		live[r.ID] = r.State.Live()
		w.checkEdges(r)
	}
	for _, b := range w.cloud.Bindings() {
		if b.Owner == sandbox.Owner && !live[b.Request] {
			w.t.Errorf("R1, G1: %s has access to %s without a live request %s", b.Principal, b.Scope, b.Request)
		}
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// checkEdges checks that the log tells every step from nothing to the state.
func (w *world) checkEdges(r engine.Request) {
	w.t.Helper()
	state := engine.State("")
	for _, e := range w.events(r.ID) {
		to, ok := e.Details["to"].(string)
		if !ok {
			continue
		}
		if from := e.Details["from"]; from != string(state) || !state.CanFollow(engine.State(to)) {
			w.t.Errorf("U1: %s goes from %v to %s, but was %q", e.Action, from, to, state)
		}
		state = engine.State(to)
	}
	if state != r.State {
		w.t.Errorf("U1: the log ends in %q, the request is %s", state, r.State)
	}
}

// refusal asserts an error of a kind and returns it.
func refusal(t *testing.T, err, kind error) *engine.Refusal {
	t.Helper()
	var r *engine.Refusal
	if !errors.As(err, &r) || !errors.Is(err, kind) {
		t.Fatalf("error = %v, want a refusal of kind %v", err, kind)
	}
	return r
}
