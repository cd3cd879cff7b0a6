package policies

import (
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var alice = principal("alice@example.com", "sre")

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
		q.User.Principal = principal("bob@example.com", "leads")
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
