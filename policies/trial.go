package policies

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// perTest bounds one Rego test.
const perTest = 2 * time.Second

// Tests is what running the Rego tests of a set showed.
type Tests struct {
	Passed   int
	Failures []string           // sentences: file, line, test, why
	Coverage map[string]Covered // by policy and helper file; files without tests are there too
}

// Covered counts the lines of one file that the tests went through.
type Covered struct{ Lines, Of int }

// Percent is the share of lines that were covered; of no lines, all are.
func (c Covered) Percent() float64 {
	if c.Of == 0 {
		return 100
	}
	return 100 * float64(c.Lines) / float64(c.Of)
}

// pairTests finds for every test file the file it tests: approval_test.rego
// goes with approval.rego. They are compiled together with the helpers and with
// no other policy, just as the policy will be evaluated.
func (s *Set) pairTests(modules, helpers []module) error {
	for _, t := range modules {
		if !t.isTest() {
			continue
		}
		subject := strings.TrimSuffix(t.name, "_test.rego") + ".rego"
		i := slices.IndexFunc(modules, func(m module) bool { return m.name == subject })
		if i < 0 {
			return wrong(t.name, 0, "tests %s, which is not there", subject)
		}
		together := append([]module{t}, helpers...)
		if !modules[i].isLibrary() {
			together = append(together, modules[i])
		}
		c, err := compiler(together, testBuiltins)
		if err != nil {
			return err
		}
		if err := t.checkRefs(c); err != nil {
			return err
		}
		s.trials = append(s.trials, trial{test: t, subject: modules[i], modules: together})
	}
	return nil
}

// Test runs the Rego tests of the set. An error means that they could not be run.
func (s *Set) Test(ctx context.Context) (Tests, error) {
	out := Tests{Coverage: map[string]Covered{}}
	for _, p := range s.policies {
		out.Coverage[p.name] = Covered{}
	}
	for _, t := range s.trials {
		if err := t.run(ctx, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (t trial) run(ctx context.Context, out *Tests) error {
	parsed := map[string]*ast.Module{}
	for _, m := range t.modules {
		parsed[m.name] = m.parsed
	}
	c, err := compiler(t.modules, testBuiltins)
	if err != nil {
		return err
	}
	seen := cover.New()
	results, err := tester.NewRunner().SetCompiler(c).SetModules(parsed).SetTimeout(perTest).SetParallel(1).
		RaiseBuiltinErrors(true).CapturePrintOutput(false).SetCoverageQueryTracer(seen).SetCoverageRuns(nil).RunTests(ctx, nil)
	if err != nil {
		return explain(err, t.test.name)
	}
	var failures []string
	for r := range results {
		if r.Pass() {
			out.Passed++
		} else {
			failures = append(failures, complaint(r))
		}
	}
	slices.Sort(failures)
	out.Failures = append(out.Failures, failures...)
	report := seen.Report(map[string]*ast.Module{t.subject.name: t.subject.parsed})
	if f := report.Files[t.subject.name]; f != nil {
		out.Coverage[t.subject.name] = Covered{Lines: f.CoveredLines, Of: f.CoveredLines + f.NotCoveredLines}
	}
	return ctx.Err()
}

// complaint says which test went wrong, and how. A test that is only a to-do
// counts as failed: it holds nothing up.
func complaint(r *tester.Result) string {
	why := "does not hold"
	switch {
	case r.Skip:
		why = "is only a to-do"
	case r.Error != nil:
		why = "could not be run: " + r.Error.Error()
	}
	return fmt.Sprintf("%s:%d: test %s %s", r.Location.File, r.Location.Row, r.Name, why)
}

// prove shows that a set may be put in force: its tests hold, and it answers
// every kind of question without an error.
func (s *Set) prove(ctx context.Context, ask func(context.Context, engine.Question) error) (passed int, err error) {
	tests, err := s.Test(ctx)
	if err != nil {
		return 0, err
	}
	if n := len(tests.Failures); n > 0 {
		return 0, fmt.Errorf("%s failed: %s", plural(n, "test"), strings.Join(tests.Failures[:min(n, 3)], "; "))
	}
	for _, q := range samples() {
		if err := ask(ctx, q); err != nil {
			return 0, fmt.Errorf("a trial decision (%s) failed: %w", q.Action, err)
		}
	}
	return tests.Passed, nil
}

// samples are questions as the engine asks them, one of each action.
func samples() []engine.Question {
	now := time.Date(2026, time.March, 4, 10, 30, 0, 0, time.UTC)
	asker := engine.Principal{ID: "sample.requester@example.com", Groups: []string{"sample"}, TrustTier: 1}
	decider := engine.Principal{ID: "sample.approver@example.com", Groups: []string{"sample-approvers"}, TrustTier: 2}
	r := engine.Request{
		Requester: asker.ID, Target: engine.Target{Provider: "sandbox", Role: "sample-role", Scope: "sample-scope"},
		Reason: "A trial of the policies", Duration: time.Hour,
	}
	var out []engine.Question
	for _, a := range []engine.Action{
		engine.ActRequest, engine.ActBreakGlass, engine.ActExtend, engine.ActApprove, engine.ActDeny, engine.ActRevoke,
	} {
		q := engine.Question{Action: a, User: engine.Actor{Principal: asker, Via: engine.ViaCLI}, Requester: asker, Request: r, Now: now}
		q.Request.BreakGlass = a == engine.ActBreakGlass
		if approving(a) {
			q.User.Principal = decider
			q.Request.ID = "req_01J8KZ4F2EMNQZ3V7XKQYBD4W0"
			q.Request.Approvals = []engine.Approval{{Approver: "sample.other@example.com", Groups: []string{"sample-approvers"}, At: now, Via: engine.ViaSlack}}
		}
		out = append(out, q)
	}
	return out
}
