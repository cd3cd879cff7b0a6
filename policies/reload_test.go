package policies

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func mustNew(t testing.TB, dir string, opt Options) *Evaluator {
	t.Helper()
	if opt.Deadline == 0 {
		opt.Deadline = patient
	}
	e, err := New(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestA5_BadReloadKeepsTheOld tries everything that may be wrong with new
// policies; each time the old ones must go on to decide.
func TestA5_BadReloadKeepsTheOld(t *testing.T) {
	good := eligible(`allow if input.request.role == "viewer"`)
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		say  string
	}{
		"SyntaxError":      {files("b.rego", eligible("allow if {")), "b.rego:3: "},
		"MisspeltRule":     {files("b.rego", eligible("alow := true")), `did you mean "allow"?`},
		"FailingTest":      {files("a_test.rego", "package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_editor if eligibility.allow with input.request.role as \"editor\""), "1 test failed: a_test.rego:5: test test_editor does not hold"},
		"TestWithAnError":  {files("a_test.rego", "package jitsudo.eligibility_test\n\ntest_x if to_number(input.x) == 1 with input as {\"x\": \"y\"}"), "could not be run"},
		"TestThatIsToDo":   {files("a_test.rego", "package jitsudo.eligibility_test\n\ntodo_test_x := true"), "is only a to-do"},
		"TestWithoutEnd":   {files("a_test.rego", "package jitsudo.eligibility_test\n\ntest_x if count([x | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); x := a + b]) == 0"), "a_test.rego:3: test test_x"},
		"ErrorInADecision": {files("b.rego", eligible("allow if to_number(input.request.role) == 1")), "a trial decision (request) failed: b.rego:3: to_number"},
		"WrongType":        {files("b.rego", eligible("allow := json.unmarshal(\"1\")")), `b.rego: rule "allow" must be true or false`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, files("a.rego", good))
			var told []Report
			e := mustNew(t, dir, Options{OnReload: func(r Report) { told = append(told, r) }})
			before := e.Revision()
			write(t, dir, c.fsys)
			report, err := e.Reload(t.Context())
			if err == nil {
				t.Fatal("reloaded")
			}
			for _, want := range []string{c.say, "stay in force", before[:12]} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if len(told) != 2 || told[0].Err != nil || told[1].Err == nil || report.Revision != before || e.Revision() != before {
				t.Errorf("told %+v, report %+v", told, report)
			}
			if d := mustDecide(t, e, ask(engine.ActRequest, alice, "viewer", time.Hour)); !d.Allowed || d.Revision != before {
				t.Errorf("the old policies do not decide: %+v", d)
			}
			if d := mustDecide(t, e, ask(engine.ActRequest, alice, "editor", time.Hour)); d.Allowed {
				t.Error("the new policies decide")
			}
		})
	}
}

func TestReloadReplaces(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible(`allow if input.request.role == "viewer"`)))
	var told []Report
	e := mustNew(t, dir, Options{OnReload: func(r Report) { told = append(told, r) }})
	before := e.Revision()
	write(t, dir, files("a.rego", eligible(`allow if input.request.role == "editor"`), "a_test.rego",
		"package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_editor if eligibility.allow with input.request.role as \"editor\""))
	report, err := e.Reload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Previous != before || report.Revision == before || report.Tests != 1 || len(report.Files) != 1 || len(told) != 2 || told[1].Err != nil {
		t.Errorf("report %+v, told %+v", report, told)
	}
	if d := mustDecide(t, e, ask(engine.ActRequest, alice, "editor", time.Hour)); !d.Allowed {
		t.Error("the new policies do not decide")
	}
	if err := os.Remove(filepath.Join(dir, "a_test.rego")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a.rego")); err != nil {
		t.Fatal(err)
	}
	report, err = e.Reload(t.Context())
	if err != nil || report.Revision != "" || len(report.Warnings) != 1 {
		t.Fatalf("report %+v, error %v", report, err)
	}
	d, err := e.Decide(t.Context(), ask(engine.ActRequest, alice, "editor", time.Hour))
	wantRefused(t, d, err, "No policy is loaded")
}

// TestP2_ReloadIsAtomic has two files that always say the same number. A
// decision made of an old and a new file would show two.
func TestP2_ReloadIsAtomic(t *testing.T) {
	dir := t.TempDir()
	version := func(n int) fstest.MapFS {
		return files("a.rego", eligible(fmt.Sprintf("allow := true\nmax_duration_seconds := %d", n)), "b.rego", approve(fmt.Sprintf("pending_seconds := %d", n)))
	}
	write(t, dir, version(1))
	e := mustNew(t, dir, Options{})
	revisions := sync.Map{}
	revisions.Store(e.Revision(), time.Second)
	ctx, done := context.WithCancel(t.Context())
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			for ctx.Err() == nil {
				d, err := e.Decide(context.WithoutCancel(ctx), ask(engine.ActRequest, alice, "viewer", time.Second))
				if err != nil || !d.Allowed || d.MaxDuration != d.PendingFor || d.Revision != d.Terms.PolicyRevision {
					return fmt.Errorf("mixed decision %+v, error %w", d, err)
				}
				if was, loaded := revisions.LoadOrStore(d.Revision, d.MaxDuration); loaded && was != d.MaxDuration {
					return fmt.Errorf("revision %s said %v and %v", d.Revision, was, d.MaxDuration)
				}
			}
			return nil
		})
	}
	for n := range 30 {
		write(t, dir, version(n+2))
		if _, err := e.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	}
	done()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if d := mustDecide(t, e, ask(engine.ActRequest, alice, "viewer", time.Second)); d.MaxDuration != 31*time.Second {
		t.Errorf("the last version is not in force: %v", d.MaxDuration)
	}
}

// running starts e.Run and returns the reports of its reloads.
func running(t *testing.T, dir string, opt Options) (*Evaluator, <-chan Report) {
	t.Helper()
	reports := make(chan Report, 100)
	opt.OnReload = func(r Report) { reports <- r }
	e := mustNew(t, dir, opt)
	<-reports // of the first load
	run(t, e)
	return e, reports
}

// await waits for a report that is as wanted; those before are of half-written folders.
func await(t *testing.T, reports <-chan Report, wanted func(Report) bool) Report {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case r := <-reports:
			if wanted(r) {
				return r
			}
		case <-limit:
			t.Fatal("no such reload")
		}
	}
}

func TestChangesAreNoticed(t *testing.T) {
	for name, opt := range map[string]Options{
		"announced":  {Debounce: 5 * time.Millisecond, CheckEvery: time.Hour},
		"looked for": {Debounce: time.Hour, CheckEvery: 5 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, files("a.rego", eligible("default allow := false")))
			e, reports := running(t, dir, opt)
			write(t, dir, files("a.rego", eligible("allow := true")))
			r := await(t, reports, func(r Report) bool { return r.Err == nil && r.Revision != r.Previous })
			if d := mustDecide(t, e, samples()[0]); !d.Allowed || d.Revision != r.Revision {
				t.Fatalf("decision %+v", d)
			}
			write(t, dir, files("team/b.rego", eligible("allow if {")))
			r = await(t, reports, func(r Report) bool { return r.Err != nil && strings.Contains(r.Err.Error(), "team/b.rego:3") })
			if r.Revision != e.Revision() {
				t.Fatalf("report %+v", r)
			}
			write(t, dir, files("team/b.rego", eligible(`deny contains "Closed."`)))
			await(t, reports, func(r Report) bool { return r.Err == nil && len(r.Files) == 2 })
			d := mustDecide(t, e, samples()[0])
			wantRefused(t, d, nil, "Closed.")
		})
	}
}

// TestFileThatIsNotReadIsNoticed: nothing that decides has changed, but somebody
// may think so.
func TestFileThatIsNotReadIsNoticed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible("allow := true")))
	e, reports := running(t, dir, Options{Debounce: time.Hour, CheckEvery: 5 * time.Millisecond})
	write(t, dir, files("freeze.rego.txt", eligible(`deny contains "Closed."`)))
	await(t, reports, func(r Report) bool { return r.Err == nil && len(r.Warnings) == 1 })
	write(t, dir, files("freeze.Rego", eligible(`deny contains "Closed."`)))
	r := await(t, reports, func(r Report) bool { return r.Err != nil })
	if !strings.Contains(r.Err.Error(), "freeze.Rego: ") || r.Revision != e.Revision() {
		t.Errorf("report %+v", r)
	}
}

func TestFolderThatVanishesIsToldOnce(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "policies")
	write(t, dir, files("a.rego", eligible("allow := true")))
	e, reports := running(t, dir, Options{Debounce: time.Millisecond, CheckEvery: 2 * time.Millisecond})
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	await(t, reports, func(r Report) bool { return errors.Is(r.Err, os.ErrNotExist) })
	if d := mustDecide(t, e, samples()[0]); !d.Allowed {
		t.Fatal("the old policies do not decide")
	}
	write(t, dir, files("a.rego", eligible("allow := true"), "b.rego", eligible(`deny contains "Closed."`)))
	for {
		r := await(t, reports, func(Report) bool { return true })
		if errors.Is(r.Err, os.ErrNotExist) {
			t.Fatal("told again")
		}
		if r.Err == nil && len(r.Files) == 2 {
			return
		}
	}
}

func TestRunWithoutAFolderWaits(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	e := mustNew(t, "", Options{})
	if err := e.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Reload(ctx); err != nil {
		t.Fatal(err)
	}
}
