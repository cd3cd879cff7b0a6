package policies

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestMain sets the umask, for what others may write is not read as policy.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	goleak.VerifyTestMain(m)
}

// patient is for tests that are not about the deadline, on machines that may be busy.
const patient = 20 * time.Second

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

// files makes a file system of names and contents, in turn.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func eligible(body string) string { return "package jitsudo.eligibility\n\n" + body }
func approve(body string) string  { return "package jitsudo.approval\n\n" + body }

func mustFixed(t testing.TB, fsys fstest.MapFS) *Evaluator {
	t.Helper()
	e, err := Fixed(fsys, Options{Deadline: patient})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// unproved evaluates policies that would not have passed their trial.
func unproved(t testing.TB, d dialect, fsys fstest.MapFS, opt Options) *Evaluator {
	t.Helper()
	s, err := d.load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	e := newEvaluator(opt)
	e.current.Store(s)
	return e
}

func principal(id string, groups ...string) engine.Principal {
	return engine.Principal{ID: id, Groups: groups, TrustTier: 2}
}

func ask(action engine.Action, who engine.Principal, role string, d time.Duration) engine.Question {
	return engine.Question{
		Action: action, User: engine.Actor{Principal: who, Via: engine.ViaSlack}, Requester: who, Now: noon,
		Request: engine.Request{
			Requester: who.ID, Target: engine.Target{Provider: "sandbox", Role: role, Scope: "prod"}, Duration: d,
			Reason: "Looking into INC-4421", BreakGlass: action == engine.ActBreakGlass, Metadata: map[string]string{},
		},
	}
}

func mustDecide(t testing.TB, e *Evaluator, q engine.Question) engine.Decision {
	t.Helper()
	d, err := e.Decide(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wantRefused is the one thing that matters when something is wrong: nothing
// is allowed, and the person reads why.
func wantRefused(t testing.TB, d engine.Decision, err error, say string) {
	t.Helper()
	if d.Allowed {
		t.Fatal("allowed")
	}
	got := strings.Join(d.Reasons, " ")
	if !strings.Contains(got, say) {
		t.Fatalf("reasons %q do not say %q", got, say)
	}
	if err != nil && engine.Explain(err) == engine.Explain(os.ErrInvalid) {
		t.Fatalf("error %v has no sentence for people", err)
	}
}

// write puts files into a new folder.
func write(t testing.TB, dir string, fsys fstest.MapFS) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(fsys)) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fsys[name].Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
