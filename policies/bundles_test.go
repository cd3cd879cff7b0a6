package policies

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/format"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestBundles runs the Rego tests of every bundle that comes with jitsudo, and
// wants them to go through the policies.
func TestBundles(t *testing.T) {
	bundles := map[string]fs.FS{"default": Default(), "demo": Demo()}
	examples, err := filepath.Glob("../examples/policies/*/*.rego")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range examples {
		dir := filepath.Dir(file)
		bundles[filepath.Base(dir)] = os.DirFS(dir)
	}
	if len(bundles) < 6 {
		t.Errorf("only %d bundles", len(bundles))
	}
	for name, fsys := range bundles {
		t.Run(name, func(t *testing.T) {
			s, err := Load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			if w := s.Warnings(); len(w) > 0 {
				t.Errorf("warnings %q", w)
			}
			wantCovered(t, s)
			if _, err := Fixed(fsys, Options{Deadline: patient}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRegoIsFormatted holds every Rego file to the form that opa fmt gives.
func TestRegoIsFormatted(t *testing.T) {
	var all []string
	for _, pattern := range []string{"*/*.rego", "../examples/policies/*/*.rego"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := format.Source(file, text)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(text) {
			t.Errorf("%s is not formatted; it should be:\n%s", file, want)
		}
	}
}

func wantCovered(t *testing.T, s *Set) {
	t.Helper()
	tests, err := s.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tests.Failures {
		t.Error(f)
	}
	if tests.Passed == 0 {
		t.Error("no tests")
	}
	for file, c := range tests.Coverage {
		if c.Of == 0 || c.Percent() < 95 {
			t.Errorf("%s: tests go through %d of %d lines", file, c.Lines, c.Of)
		}
	}
}

// TestHelpers runs the tests of the helpers that come with jitsudo.
func TestHelpers(t *testing.T) {
	f, err := readFolder(Helpers())
	if err != nil {
		t.Fatal(err)
	}
	modules, err := parseAll(f.sources)
	if err != nil {
		t.Fatal(err)
	}
	var helpers []module
	for _, m := range modules {
		if !m.isTest() {
			helpers = append(helpers, m)
		}
	}
	s := &Set{}
	if err := s.pairTests(modules, helpers); err != nil {
		t.Fatal(err)
	}
	if len(s.trials) != len(helpers) {
		t.Errorf("%d helpers, %d tests", len(helpers), len(s.trials))
	}
	wantCovered(t, s)
}

// TestCoverageSeesGaps shows that the figure is worth something.
func TestCoverageSeesGaps(t *testing.T) {
	s, err := Load(files("a.rego", eligible("allow if input.action == \"request\"\n\ndeny contains \"x\" if input.action == \"extend\""), "a_test.rego",
		"package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_it if eligibility.allow with input.action as \"request\"", "b.rego", eligible("allow := true")))
	if err != nil {
		t.Fatal(err)
	}
	tests, err := s.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c := tests.Coverage["a.rego"]; c.Percent() >= 95 || c.Lines == 0 {
		t.Errorf("a.rego: %+v", c)
	}
	if c, there := tests.Coverage["b.rego"]; !there || c.Lines != 0 {
		t.Errorf("b.rego: %+v", c)
	}
}

// TestDemo is the table of what the demonstration promises.
func TestDemo(t *testing.T) {
	e, err := Fixed(Demo(), Options{Deadline: patient})
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]engine.Principal{
		"alice": principal("alice@example.com", "sre"), "bob": principal("bob@example.com", "sre-leads"),
		"carol": principal("carol@example.com", "security", "jitsudo-admins"), "dave": principal("dave@example.com"), "erin": principal("erin@acme.example"),
	}
	auto, human := engine.TierAuto, engine.TierHuman
	for _, c := range []struct {
		who, role string
		action    engine.Action
		length    time.Duration
		allowed   bool
		tier      engine.Tier
		required  int
		most      time.Duration
	}{
		{"alice", "viewer", engine.ActRequest, 30 * time.Minute, true, auto, 0, 0},
		{"bob", "viewer", engine.ActRequest, time.Second, true, auto, 0, 0},
		{"carol", "viewer", engine.ActRequest, 30 * time.Minute, true, auto, 0, 0},
		{"alice", "viewer", engine.ActRequest, 30*time.Minute + time.Nanosecond, true, human, 1, 0},
		{"alice", "editor", engine.ActRequest, time.Hour, true, human, 1, 0},
		{"bob", "admin", engine.ActRequest, time.Second, true, human, 1, 0},
		{"alice", "break-glass-admin", engine.ActBreakGlass, 30 * time.Minute, true, human, 1, 30 * time.Minute},
		{"alice", "break-glass-admin", engine.ActRequest, 30 * time.Minute, false, human, 1, 30 * time.Minute},
		{"bob", "break-glass-admin", engine.ActBreakGlass, 30 * time.Minute, false, human, 1, 30 * time.Minute},
		{"alice", "admin", engine.ActBreakGlass, 30 * time.Minute, false, human, 1, 0},
		{"dave", "viewer", engine.ActRequest, time.Minute, false, auto, 0, 0},
		{"erin", "viewer", engine.ActRequest, time.Minute, false, auto, 0, 0},
		{"alice", "emperor", engine.ActRequest, time.Minute, false, human, 1, 0},
		{"bob", "editor", engine.ActApprove, time.Hour, true, human, 1, 0},
		{"carol", "editor", engine.ActDeny, time.Hour, true, human, 1, 0},
		{"carol", "viewer", engine.ActRevoke, time.Hour, true, human, 1, 0},
		{"alice", "editor", engine.ActApprove, time.Hour, false, human, 1, 0},
		{"dave", "editor", engine.ActApprove, time.Hour, false, human, 1, 0},
		{"alice", "editor", engine.ActRevoke, time.Hour, false, human, 1, 0},
	} {
		d := mustDecide(t, e, ask(c.action, people[c.who], c.role, c.length))
		if d.Allowed != c.allowed || d.Terms.Tier != c.tier || d.Terms.Required != c.required || d.MaxDuration != c.most {
			t.Errorf("%s %s %s: %+v", c.who, c.action, c.role, d)
		}
		if !d.Allowed && (len(d.Reasons) == 0 || len(d.Reasons[0]) < 10) {
			t.Errorf("%s %s %s: reasons %q", c.who, c.action, c.role, d.Reasons)
		}
	}
}
