package policies

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jitsudo-chat/jitsudo/engine"
)

const viewerTest = "package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_it if eligibility.allow with input.request.role as \"viewer\""

// TestNewTellsOfItsFirstLoad: what the first load found is told like that of
// any other.
func TestNewTellsOfItsFirstLoad(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible("allow if input.request.role == \"viewer\"\n\nleftover := 1"), "a_test.rego", viewerTest))
	var told []Report
	e := mustNew(t, dir, Options{OnReload: func(r Report) { told = append(told, r) }})
	if len(told) != 1 {
		t.Fatalf("told %+v", told)
	}
	r := told[0]
	if r.Err != nil || r.Tests != 1 || len(r.Files) != 1 || len(r.Warnings) != 1 || r.Previous != "" || r.Revision != e.Revision() {
		t.Errorf("told %+v", r)
	}
	told = nil
	mustNew(t, "", Options{OnReload: func(r Report) { told = append(told, r) }})
	if len(told) != 1 || told[0].Err != nil || told[0].Revision != "" || len(told[0].Warnings) != 1 {
		t.Errorf("without a folder told %+v", told)
	}
}

// badStarts are folders whose policies cannot be put in force, and what is to
// be said of them. Each gets a path at which nothing is yet.
func badStarts(t *testing.T) map[string]struct {
	spoil func(dir string)
	say   string
} {
	broken := func(dir string) { write(t, dir, files("a.rego", eligible("allow if"))) }
	return map[string]struct {
		spoil func(dir string)
		say   string
	}{
		"NotThere":       {func(string) {}, "no such file or directory"},
		"NotAFolder":     {func(dir string) { write(t, filepath.Dir(dir), files(filepath.Base(dir), "x")) }, "not a directory"},
		"DoesNotCompile": {broken, "a.rego:3: "},
		"FailsItsTest": {func(dir string) {
			write(t, dir, files("a.rego", eligible("default allow := false"), "a_test.rego", viewerTest))
		}, "1 test failed"},
		"Loose": {func(dir string) {
			write(t, dir, files("a.rego", eligible("allow := true")))
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "run: chmod go-w "},
	}
}

// mend puts a good folder where a bad one was, or none.
func mend(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir, files("a.rego", eligible("allow := true")))
}

// TestA5_BadStartRefusesUntilMended: whatever is wrong with the folder, there is
// an evaluator, it refuses, and it goes by the folder once that is mended.
func TestA5_BadStartRefusesUntilMended(t *testing.T) {
	for name, c := range badStarts(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "policies")
			c.spoil(dir)
			reports := make(chan Report, 100)
			var log bytes.Buffer
			e, err := New(dir, Options{
				Deadline: patient, Debounce: time.Hour, CheckEvery: 5 * time.Millisecond,
				OnReload: func(r Report) { reports <- r }, Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if e == nil || err == nil || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), "everything is refused") {
				t.Fatalf("evaluator %v, error %v does not say %q", e, err, c.say)
			}
			if r := <-reports; !errors.Is(r.Err, err) || r.Revision != "" || r.Previous != "" || len(r.Files) != 0 {
				t.Errorf("told %+v", r)
			}
			if strings.Count(log.String(), "level=ERROR") != 1 {
				t.Errorf("log %s", &log)
			}
			wantNothing(t, e)
			if _, err := e.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "everything is refused") {
				t.Errorf("reload: error %v", err)
			}
			<-reports
			mend(t, dir)
			run(t, e)
			r := await(t, reports, func(Report) bool { return true })
			if r.Err != nil || r.Previous != "" || r.Revision == "" || r.Revision != e.Revision() {
				t.Errorf("told %+v", r)
			}
			if d := mustDecide(t, e, samples()[0]); !d.Allowed {
				t.Error("the mended policies do not decide")
			}
		})
	}
}

// TestA5_BadStartMendedWhileRunning mends after Run has seen the trouble, which
// it must not tell again.
func TestA5_BadStartMendedWhileRunning(t *testing.T) {
	for name, c := range badStarts(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "policies")
			c.spoil(dir)
			reports := make(chan Report, 100)
			e, err := New(dir, Options{Deadline: patient, Debounce: time.Hour, CheckEvery: 5 * time.Millisecond, OnReload: func(r Report) { reports <- r }})
			if e == nil || err == nil {
				t.Fatalf("evaluator %v, error %v", e, err)
			}
			first := <-reports
			run(t, e)
			mend(t, dir)
			await(t, reports, func(r Report) bool {
				if r.Err != nil && r.Err.Error() == first.Err.Error() {
					t.Error("told again")
				}
				return r.Err == nil && len(r.Files) == 1
			})
			if d := mustDecide(t, e, samples()[0]); !d.Allowed {
				t.Error("the mended policies do not decide")
			}
		})
	}
}

// TestA5_ReloadMendsABadStart does without Run.
func TestA5_ReloadMendsABadStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policies")
	e, err := New(dir, Options{Deadline: patient})
	if e == nil || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("evaluator %v, error %v", e, err)
	}
	mend(t, dir)
	if r, err := e.Reload(t.Context()); err != nil || r.Revision == "" {
		t.Fatalf("report %+v, error %v", r, err)
	}
	if d := mustDecide(t, e, samples()[0]); !d.Allowed {
		t.Error("the mended policies do not decide")
	}
}

func wantNothing(t *testing.T, e *Evaluator) {
	t.Helper()
	if e.Revision() != "" {
		t.Errorf("revision %q", e.Revision())
	}
	for _, q := range samples() {
		d, err := e.Decide(t.Context(), q)
		wantRefused(t, d, err, "No policy is loaded")
	}
	d, err := e.Decide(t.Context(), ask(engine.ActRequest, alice, "viewer", time.Hour))
	wantRefused(t, d, err, "No policy is loaded")
}

// run runs e until the test ends.
func run(t *testing.T, e *Evaluator) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var g errgroup.Group
	g.Go(func() error { return e.Run(ctx) })
	t.Cleanup(func() {
		stop()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// TestA5_BusyStartIsTriedAgain: a machine that was too busy to try the policies
// is no trouble of the folder, and passes without anybody changing it.
func TestA5_BusyStartIsTriedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policies")
	mend(t, dir)
	reports := make(chan Report, 10000)
	e := newEvaluator(Options{Workers: 1, Deadline: 100 * time.Millisecond, CheckEvery: 5 * time.Millisecond, OnReload: func(r Report) { reports <- r }})
	e.dir = dir
	e.slots <- struct{}{}
	if r := e.load(t.Context()); !errors.Is(r.Err, errBusy) {
		t.Fatalf("report %+v", r)
	}
	<-e.slots
	run(t, e)
	await(t, reports, func(r Report) bool { return r.Err == nil && r.Revision != "" })
}
