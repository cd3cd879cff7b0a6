package engine_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// machine is the computer on which the engine of one trace runs: it has a clock
// that can be set wrong, a disk that outlives the process, and a process that
// may die between any two things it does. The cloud and the chat are elsewhere.
type machine struct {
	t     *rapid.T
	dir   string
	disk  *bolt.Store
	eng   *engine.Engine
	cloud *sandbox.Cloud
	life  *life
	hours

	policy    rules
	directory map[string]engine.Principal
	count     int // requests so far, for their IDs
	trouble   trouble
	late      []landing
	stalled   bool // a worker, for so long that another took its work over
	landing   bool // the cloud is doing by itself what it was asked before
	chat      chat
	meanwhile func() // called while the engine waits for the cloud
}

// hours are the machine's clock and what is known of the engine's.
type hours struct {
	real time.Duration // that truly passed, by nobody's clock
	off  time.Duration // how wrong the machine's clock is

	// now is what the engine's clock must say, last the wall at its last reading.
	now, last time.Time
	// sure is the time that an engine cannot have missed: all that passed while it
	// ran, and while it did not, what the wall clock shows of it.
	sure time.Duration
	// kept are sure and the wall when the engine's time was last put on disk.
	kept struct {
		sure time.Duration
		wall time.Time
	}
	stepped bool          // forwards, so that accesses may end early
	calm    time.Duration // since when (by sure) nothing has been going wrong
}

func (h *hours) wall() time.Time { return noon.Add(h.real + h.off) }

// read is what a reading of its clock makes of the engine's time.
func (h *hours) read() {
	wall := h.wall()
	if passed := wall.Sub(h.last); passed > 0 {
		h.now = h.now.Add(passed)
	}
	if h.last = wall; wall.After(h.now) {
		h.now = wall
	}
}

// trouble is what is wrong with the cloud. The zero trouble is none.
type trouble struct {
	op    string // "" all operations
	fault sandbox.Fault
	late  time.Duration // a grant is refused, and done all the same so much later
	on    bool
}

func (tr trouble) String() string {
	if !tr.on {
		return "none"
	}
	return fmt.Sprintf("%s %+v late %s", tr.op, tr.fault, tr.late)
}

// landing is a grant that takes effect later.
type landing struct {
	at     time.Duration // by real
	access engine.Access
}

// fault says what goes wrong in a call, and counts it as a deed of the process.
func (m *machine) fault(op string, a engine.Access) sandbox.Fault {
	if m.landing {
		return sandbox.Fault{}
	}
	m.meanwhile()
	switch m.life.deed() {
	case diesLate:
		if op == sandbox.OpGrant {
			m.late = append(m.late, landing{m.real + 15*time.Second, a})
		}
		return sandbox.Fault{Fail: errDead}
	case diesBefore:
		return sandbox.Fault{Fail: errDead}
	case diesAfter:
		return sandbox.Fault{FailAfter: errDead}
	}
	tr := m.trouble
	if !tr.on || tr.op != "" && tr.op != op {
		return sandbox.Fault{}
	}
	if tr.late > 0 {
		m.late = append(m.late, landing{m.real + tr.late, a})
		return sandbox.Fault{Fail: errDown}
	}
	return tr.fault
}

// land makes what was sent to the cloud until then take effect.
func (m *machine) land(until time.Duration) {
	slices.SortStableFunc(m.late, func(a, b landing) int { return int(a.at - b.at) })
	for len(m.late) > 0 && m.late[0].at <= until {
		l := m.late[0]
		m.late = m.late[1:]
		m.real = max(m.real, l.at)
		m.landing = true
		_ = m.cloud.Grant(bg, l.access) // nobody waits for the answer
		m.landing = false
	}
}

// chat is where cards are drawn.
type chat struct {
	down  bool
	cards map[string]engine.Message
	shown map[string]uint64 // the version of the request on its card
}

// Show implements [engine.Notifier].
func (m *machine) Show(_ context.Context, s engine.Showing) (engine.Drawing, error) {
	d, how := s.Request.Drawing, m.life.deed()
	switch {
	case how == diesBefore || how == diesLate:
		return d, errDead
	case m.chat.down:
		return d, errDown
	}
	id := s.Request.ID
	if _, ok := m.chat.cards[id]; !ok {
		m.chat.cards[id] = engine.Message{Chat: "slack", Channel: "C1", ID: fmt.Sprint(len(m.chat.cards) + 1)}
	}
	d.Card, m.chat.shown[id] = m.chat.cards[id], s.Request.Version
	if how == diesAfter {
		return d, errDead
	}
	if err := s.Keep(d); err != nil {
		return d, err
	}
	for _, e := range s.Events {
		d.Told = e.ID
	}
	return d, nil
}

// Lookup implements [engine.Directory].
func (m *machine) Lookup(_ context.Context, id string) (engine.Principal, error) {
	if p, ok := m.directory[id]; ok {
		return p, nil
	}
	return engine.Principal{}, engine.ErrNotFound
}

// somewhere is a folder for databases, where syncs cost nothing if there is one.
func somewhere() (string, error) {
	dir, err := os.MkdirTemp("/dev/shm", "jitsudo-model-")
	if err != nil {
		return os.MkdirTemp("", "jitsudo-model-")
	}
	return dir, nil
}

func newMachine(t *rapid.T) *machine {
	dir, err := somewhere()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, directory: maps.Clone(colleagues), life: &life{}, chat: chat{cards: map[string]engine.Message{}, shown: map[string]uint64{}}}
	t.Cleanup(func() {
		if m.disk != nil {
			_ = m.disk.Close()
		}
		_ = os.RemoveAll(dir)
	})
	if m.cloud, err = sandbox.New(sandbox.Options{Now: m.wall, Fault: m.fault}); err != nil {
		t.Fatal(err)
	}
	return m
}

// boot opens the disk and starts an engine on it.
func (m *machine) boot() {
	m.t.Helper()
	var err error
	if m.disk, err = bolt.Open(filepath.Join(m.dir, "j.db"), bolt.Options{}); err != nil {
		m.t.Fatal(err)
	}
	seen, err := m.disk.Advance(bg, engine.Moment{})
	if err != nil {
		m.t.Fatal(err)
	}
	m.last, m.now = m.wall(), m.wall()
	if !seen.Now.IsZero() {
		if at := seen.Now.Add(max(0, m.wall().Sub(seen.Wall))); at.After(m.now) {
			m.now = at
		}
		// The disk may be a second behind.
		m.sure = m.kept.sure + max(0, m.wall().Sub(m.kept.wall)-time.Second)
	}
	m.life = &life{}
	m.eng, err = engine.New(bg, engine.Options{
		Store: mortal{m.disk, m.life}, Policy: &m.policy, Directory: m, Notifier: m, Admins: []string{"admins"}, Sole: true, Now: m.wall,
		Platforms: map[string]engine.Platform{"sandbox": {Provider: m.cloud, MaxDuration: longestInSandbox}},
		Limits:    engine.Limits{PendingPerPerson: mostPending},
		NewID:     m.newID,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.eng.Recover(bg, time.Minute); err != nil {
		m.t.Fatalf("recover: %v", err)
	}
	m.keep()
}

// keep notes that the engine's time was put on disk just now.
func (m *machine) keep() { m.kept.sure, m.kept.wall = m.sure, m.wall() }

// kill ends the process at once; only what is on the disk is left of it.
func (m *machine) kill() {
	m.t.Helper()
	if err := m.disk.Close(); err != nil {
		m.t.Fatal(err)
	}
	m.disk, m.eng = nil, nil
}

func (m *machine) newID() string {
	m.count++
	return engine.IDPrefix + strings.Repeat("0", 22) + fmt.Sprintf("%04d", m.count)
}

// pass lets time pass; what was sent to the cloud before takes effect meanwhile.
// The engine's clock counts it, if there is an engine.
func (m *machine) pass(d time.Duration) {
	end := m.real + d
	m.land(end)
	m.real = end
	if m.eng != nil {
		m.sure += d
		_ = m.eng.Alive()
		m.read()
	}
}

// step sets the machine's clock wrong, or right. A grant that is under way lands
// before a step forwards: nobody could tell any more how long ago it was sent.
func (m *machine) step(d time.Duration) {
	if d > 0 {
		if len(m.late) > 0 {
			m.pass(time.Minute)
		}
		m.stepped = true
	}
	m.off += d
	if m.eng != nil {
		_ = m.eng.Alive()
		m.read()
	}
}

// sweep does what the workers would, and reports whether they lived to see its end.
func (m *machine) sweep() bool {
	m.t.Helper()
	err := m.eng.Sweep(bg)
	if m.life.dead {
		return false
	}
	if err != nil && !m.stalled {
		m.t.Fatalf("sweep: %v", err)
	}
	m.stalled = false
	m.keep()
	return true
}
