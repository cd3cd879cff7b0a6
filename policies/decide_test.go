package policies

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var alice = person1("alice@example.com", "sre")

func TestA5_NoPolicyRefusesEverything(t *testing.T) {
	empty := mustFixed(t, files())
	none, err := New("", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]*Evaluator{"zero": {}, "empty folder": empty, "no folder": none} {
		for _, q := range samples() {
			d, err := e.Decide(t.Context(), q)
			wantRefused(t, d, err, "No policy is loaded")
			if e.Revision() != "" {
				t.Errorf("%s: revision %q", name, e.Revision())
			}
		}
	}
}

// TestP3_OnlyTrueAllows feeds allow with a value that the compiler cannot foresee.
func TestP3_OnlyTrueAllows(t *testing.T) {
	e := mustFixed(t, files("a.rego", eligible(`allow := json.unmarshal(object.get(input.request.metadata, "v", "false"))`)))
	for value, allowed := range map[string]bool{
		"true": true, "false": false, `"true"`: false, "1": false, "[true]": false, `{"a": true}`: false, "null": false, "not json": false,
	} {
		t.Run(value, func(t *testing.T) {
			q := ask(engine.ActRequest, alice, "viewer", time.Hour)
			q.Request.Metadata["v"] = value
			d, err := e.Decide(t.Context(), q)
			if d.Allowed != allowed {
				t.Fatalf("allowed %v, error %v", d.Allowed, err)
			}
			if value != "true" && value != "false" && err == nil {
				t.Fatal("no error")
			}
		})
	}
	undefined := mustFixed(t, files("a.rego", eligible(`allow if input.request.role == "other"`)))
	d := mustDecide(t, undefined, ask(engine.ActRequest, alice, "viewer", time.Hour))
	wantRefused(t, d, nil, "No policy lets you have the role viewer on prod of sandbox.")
}

func TestP3_ConflictRefuses(t *testing.T) {
	e := unproved(t, dialect{}, files("a.rego", eligible("allow := true if input.action == \"request\"\nallow := false if input.request.role == \"viewer\"")), Options{Deadline: patient})
	d, err := e.Decide(t.Context(), ask(engine.ActRequest, alice, "viewer", time.Hour))
	wantRefused(t, d, err, "a.rego:")
	if err == nil {
		t.Fatal("no error")
	}
}

// TestP4_BuiltinErrorRefuses has the control that shows what strictness is
// for: without it the same policy lets everybody in.
func TestP4_BuiltinErrorRefuses(t *testing.T) {
	policy := files("a.rego", eligible("allow if not bad\n\nbad if to_number(input.request.role) == 1"))
	q := ask(engine.ActRequest, alice, "x", time.Hour)
	lax := unproved(t, dialect{lax: true}, policy, Options{Deadline: patient})
	if d := mustDecide(t, lax, q); !d.Allowed {
		t.Fatal("the control does not fail open: this test shows nothing")
	}
	d, err := unproved(t, dialect{}, policy, Options{Deadline: patient}).Decide(t.Context(), q)
	wantRefused(t, d, err, "a.rego:5")
	if !errors.Is(err, engine.ErrForbidden) {
		t.Fatalf("error %v", err)
	}
	if _, err := Fixed(policy, Options{Deadline: patient}); err == nil {
		t.Fatal("the trial decisions did not notice")
	}
}

// TestWrongTypesRefuse gives every rule a value of a wrong type at run time.
func TestWrongTypesRefuse(t *testing.T) {
	for rule, values := range map[string][]string{
		"deny":               {`"no"`, "true", "1", `{}`, `[1]`, `[["x"]]`, "null"},
		"reason":             {"1", "true", `["x"]`},
		"approver_tier":      {`"robot"`, `""`, `"AUTO"`, "1", `["auto"]`},
		"required_approvals": {"-1", "1.5", `"2"`, "true", "1e9", "101"},
		"approver_groups":    {`"sre"`, "1", `{"sre": true}`, "[null]"},
		"approvers":          {`"a@b"`, "[1]"},
		"assurance":          {`"high"`, `""`, "1"},
		"pending_seconds":    {"0", "-5", `"60"`, "1.5", "1e18", "true"},
		"channel":            {"1", "true", `["x"]`},
		"notify":             {`"x"`, "[1]"},
	} {
		t.Run(rule, func(t *testing.T) {
			policy := files("e.rego", eligible("allow := true"),
				"a.rego", approve(rule+` := json.unmarshal(input.request.metadata.v)`))
			e := mustFixed(t, policy)
			for _, v := range values {
				q := ask(engine.ActRequest, alice, "viewer", time.Hour)
				q.Request.Metadata["v"] = v
				d, err := e.Decide(t.Context(), q)
				wantRefused(t, d, err, `a.rego: rule "`+rule+`"`)
				if !errors.Is(err, engine.ErrForbidden) {
					t.Errorf("%s: error %v", v, err)
				}
			}
		})
	}
	t.Run("max_duration_seconds", func(t *testing.T) {
		e := mustFixed(t, files("e.rego", eligible("allow := true\nmax_duration_seconds := json.unmarshal(input.request.metadata.v)")))
		for _, v := range []string{"0", "-1", `"3600"`, "0.5", "true", "1e30"} {
			q := ask(engine.ActRequest, alice, "viewer", time.Hour)
			q.Request.Metadata["v"] = v
			d, err := e.Decide(t.Context(), q)
			wantRefused(t, d, err, "max_duration_seconds")
		}
	})
}

func TestAnswersAreCombined(t *testing.T) {
	yes, no := eligible("allow := true"), eligible("default allow := false")
	req := ask(engine.ActRequest, alice, "viewer", time.Hour)
	cases := map[string]struct {
		fsys fstest.MapFS
		is   func(engine.Decision) bool
	}{
		"OneAllowIsEnough": {files("a.rego", no, "b.rego", yes), func(d engine.Decision) bool { return d.Allowed && d.Reasons == nil }},
		"OneDenyVetoes": {files("a.rego", yes, "b.rego", eligible(`deny contains "Not today."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"Not today."})
		}},
		"DenyOfApprovalVetoesARequest": {files("a.rego", yes, "b.rego", approve(`deny contains "Frozen."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"Frozen."})
		}},
		"AllowOfApprovalIsNoneForARequest": {files("a.rego", no, "b.rego", approve("allow := true")), func(d engine.Decision) bool { return !d.Allowed }},
		"ReasonsOfThoseWhoDidNotAllow": {files("a.rego", eligible(`reason := "A."`), "b.rego", eligible(`reason := "B."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"A.", "B."})
		}},
		"StrictestTier": {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve(`approver_tier := "human"`), "d.rego", approve(`approver_tier := "ai_review"`)), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1
		}},
		"AutoNeedsNobody": {files("a.rego", yes, "b.rego", approve("approver_tier := \"auto\"\nrequired_approvals := 1")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierAuto && d.Terms.Required == 0
		}},
		"AutoDoesNotLiftTheApprovalsOfAnother": {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve("required_approvals := 2")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 2
		}},
		"NobodySaidAnythingMeansOnePerson": {files("a.rego", yes), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1 && d.Terms.Assurance == engine.AssuranceChat
		}},
		"HumanMeansAtLeastOne": {files("a.rego", yes, "b.rego", approve("approver_tier := \"human\"\nrequired_approvals := 0")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1
		}},
		"LargestNumberOfApprovals": {files("a.rego", yes, "b.rego", approve("required_approvals := 3"), "c.rego", approve("required_approvals := 2")), func(d engine.Decision) bool { return d.Terms.Required == 3 }},
		"SmallestDuration": {files("a.rego", eligible("allow := true\nmax_duration_seconds := 600"), "b.rego", eligible("max_duration_seconds := 60"), "c.rego", eligible("deny := set()")), func(d engine.Decision) bool {
			return d.Allowed && d.MaxDuration == time.Minute
		}},
		"ShortestWait":       {files("a.rego", yes, "b.rego", approve("pending_seconds := 90"), "c.rego", approve("pending_seconds := 30")), func(d engine.Decision) bool { return d.PendingFor == 30*time.Second }},
		"StrictestAssurance": {files("a.rego", yes, "b.rego", approve(`assurance := "step_up"`), "c.rego", approve(`assurance := "chat"`)), func(d engine.Decision) bool { return d.Terms.Assurance == engine.AssuranceStepUp }},
		"Unions": {files("a.rego", yes, "b.rego", approve("approver_groups := {\"x\", \"y\"}\napprovers := {\"b@c\"}\nnotify := {\"n\"}"), "c.rego", approve("approver_groups contains \"w\"\napprovers := [\"a@b\"]\nnotify := {\"n\", \"m\"}")), func(d engine.Decision) bool {
			return slices.Equal(d.Terms.ApproverGroups, []string{"w", "x", "y"}) && slices.Equal(d.Terms.Approvers, []string{"a@b", "b@c"}) && slices.Equal(d.Terms.Notify, []string{"m", "n"})
		}},
		"ChannelOfTheFirstFile": {files("a.rego", yes, "b.rego", approve(`channel := "one"`), "c.rego", approve(`channel := "two"`)), func(d engine.Decision) bool { return d.Terms.Channel == "one" }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := mustFixed(t, c.fsys)
			d := mustDecide(t, e, req)
			if !c.is(d) {
				t.Fatalf("decision %+v", d)
			}
			if d.Revision != e.Revision() || d.Terms.PolicyRevision != e.Revision() || len(d.Revision) != 64 || len(d.InputHash) != 64 {
				t.Fatalf("revision %q, terms %q, in force %q, hash %q", d.Revision, d.Terms.PolicyRevision, e.Revision(), d.InputHash)
			}
		})
	}
}

func TestP7_ApprovalDecidesForWhoActs(t *testing.T) {
	e := mustFixed(t, files("a.rego", eligible("allow := true"), "b.rego", approve(`
allow if {
	input.action in {"approve", "deny", "revoke"}
	input.user == input.approver
	"leads" in input.approver.groups
	input.requester.email == "alice@example.com"
	input.user.via == "slack"
	input.context.trust_tier == 2
	count(input.approvals) == 1
	input.approvals[0].at == "2026-03-04T12:00:00Z"
	input.context.weekday == "Wednesday"
	time.parse_rfc3339_ns(input.context.now) == input.context.now_ns
}`)))
	for _, action := range []engine.Action{engine.ActApprove, engine.ActDeny, engine.ActRevoke} {
		q := ask(action, alice, "editor", time.Hour)
		q.Request.Approvals = []engine.Approval{{Approver: "x@example.com", At: noon}}
		if d := mustDecide(t, e, q); d.Allowed {
			t.Errorf("%s: allowed without the group", action)
		}
		q.User.Principal = person1("bob@example.com", "leads")
		if d := mustDecide(t, e, q); !d.Allowed {
			t.Errorf("%s: refused: %v", action, d.Reasons)
		}
	}
	d := mustDecide(t, e, ask(engine.ActDeny, alice, "editor", time.Hour))
	wantRefused(t, d, nil, "No policy lets you deny this request.")
	d = mustDecide(t, mustFixed(t, files("a.rego", eligible("allow := true"))), ask(engine.ActApprove, alice, "editor", time.Hour))
	wantRefused(t, d, nil, "No policy lets you approve this request.")
	d, err := e.Decide(t.Context(), engine.Question{Action: "dance"})
	wantRefused(t, d, err, "could not decide")
}

func TestP6_TooLargeInputRefused(t *testing.T) {
	q := ask(engine.ActRequest, alice, "viewer", time.Hour)
	q.Request.Reason = strings.Repeat("x", maxInput)
	d, err := mustFixed(t, files("a.rego", eligible("allow := true"))).Decide(t.Context(), q)
	wantRefused(t, d, err, "too large")
}

func TestP6_BombsAreStopped(t *testing.T) {
	for name, bomb := range map[string]string{
		"nested loops": `allow if {
	some a in numbers.range(1, 1000)
	some b in numbers.range(1, 1000)
	some c in numbers.range(1, 1000)
	a + b + c < 0
}`,
		"a huge range": `allow if count(numbers.range(1, 200000000)) > 0`,
		"a sum":        `allow if sum([x | some x in numbers.range(1, 100000000)]) > 0`,
	} {
		t.Run(name, func(t *testing.T) {
			e := unproved(t, dialect{}, files("a.rego", eligible(bomb)), Options{})
			began := time.Now()
			d, err := e.Decide(t.Context(), ask(engine.ActRequest, alice, "viewer", time.Hour))
			wantRefused(t, d, err, "took too long")
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			drain(e)
			if _, err := Fixed(files("a.rego", eligible(bomb)), Options{}); err == nil || !strings.Contains(err.Error(), "took too long") {
				t.Errorf("put in force: %v", err)
			}
		})
	}
}

// drain waits until no worker is busy.
func drain(e *Evaluator) {
	for range cap(e.slots) {
		e.slots <- struct{}{}
	}
	for range cap(e.slots) {
		<-e.slots
	}
}

func TestP6_WorkersAreBounded(t *testing.T) {
	e, err := Fixed(files("a.rego", eligible("allow := true")), Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	e.slots <- struct{}{}
	e.slots <- struct{}{}
	d, err := e.Decide(t.Context(), samples()[0])
	wantRefused(t, d, err, "too busy")
	if !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	drained := <-e.slots
	e.slots <- drained
	<-e.slots
	if d := mustDecide(t, e, samples()[0]); !d.Allowed {
		t.Error("refused with a worker free")
	}
}

func TestCallerWhoLeavesIsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := unproved(t, dialect{}, files("a.rego", eligible("allow if count(numbers.range(1, 200000000)) > 0")), Options{Deadline: patient})
	d, err := e.Decide(ctx, samples()[0])
	wantRefused(t, d, err, "could not decide")
	drain(e)
}

func TestPanicRefuses(t *testing.T) {
	e := newEvaluator(Options{Deadline: patient})
	e.current.Store(&Set{policies: []policy{{name: "a.rego", pkg: eligibility}}}) // its query is not prepared
	d, err := e.Decide(t.Context(), samples()[0])
	wantRefused(t, d, err, "could not decide")
	if err == nil {
		t.Fatal("no error")
	}
}

func TestRevisionAndHashTellDifferencesApart(t *testing.T) {
	one := mustFixed(t, files("a.rego", eligible("allow := true")))
	for name, fsys := range map[string]fstest.MapFS{
		"another text":   files("a.rego", eligible("allow := true\n")),
		"another name":   files("b.rego", eligible("allow := true")),
		"another helper": files("a.rego", eligible("allow := true"), "h.rego", "package jitsudo.lib.ours\n\nx := 1"),
	} {
		if mustFixed(t, fsys).Revision() == one.Revision() {
			t.Errorf("%s: same revision", name)
		}
	}
	with := mustFixed(t, files("a.rego", eligible("allow := true"), "a_test.rego", "package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_it if eligibility.allow"))
	if with.Revision() != one.Revision() {
		t.Error("a test changed the revision")
	}
	q := ask(engine.ActRequest, alice, "viewer", time.Hour)
	first := mustDecide(t, one, q).InputHash
	if mustDecide(t, one, q).InputHash != first {
		t.Error("the same question has another hash")
	}
	q.Request.Target.Scope = "staging"
	if mustDecide(t, one, q).InputHash == first {
		t.Error("another question has the same hash")
	}
}

func BenchmarkDecide(b *testing.B) {
	e, err := Fixed(Demo(), Options{Deadline: patient})
	if err != nil {
		b.Fatal(err)
	}
	q := ask(engine.ActRequest, alice, "editor", time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := e.Decide(b.Context(), q); err != nil || !d.Allowed {
			b.Fatal(d, err)
		}
	}
}

// BenchmarkEvaluate is Decide without the worker that bounds it.
func BenchmarkEvaluate(b *testing.B) {
	s, err := Load(Demo())
	if err != nil {
		b.Fatal(err)
	}
	q := ask(engine.ActRequest, alice, "editor", time.Hour)
	for b.Loop() {
		if d, err := s.decide(b.Context(), q, topdown.NewCancel()); err != nil || !d.Allowed {
			b.Fatal(d, err)
		}
	}
}
