package policies

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// decide answers a question. It returns soon after stop is cancelled, unless a
// built-in function does not look.
func (s *Set) decide(ctx context.Context, q engine.Question, stop topdown.Cancel) (engine.Decision, error) {
	none := engine.Decision{Revision: s.revision}
	switch {
	case len(s.policies) == 0:
		none.Reasons = []string{"No policy is loaded, so nothing is allowed. Whoever runs jitsudo has to put policies in place."}
		return none, nil
	case !known(q.Action):
		return none, fmt.Errorf("policy: action %q is not known", q.Action)
	}
	input, hash, err := describe(q).encode()
	if err != nil {
		return none, err
	}
	none.InputHash = hash
	var deciders, advisers []answer
	for _, p := range s.policies {
		if approving(q.Action) && p.pkg == eligibility {
			continue
		}
		a, err := p.answer(ctx, input, stop)
		if err != nil {
			return none, err
		}
		if approving(q.Action) || p.pkg == eligibility {
			deciders = append(deciders, a)
		} else {
			advisers = append(advisers, a)
		}
	}
	d := combine(q, deciders, advisers)
	d.Revision, d.InputHash = s.revision, hash
	d.Terms.PolicyRevision = s.revision
	return d, nil
}

// answer evaluates one file.
func (p policy) answer(ctx context.Context, input ast.Value, stop topdown.Cancel) (answer, error) {
	a := answer{file: p.name}
	rs, err := p.query.Eval(ctx, rego.EvalParsedInput(input), rego.EvalExternalCancel(stop))
	if err != nil {
		return a, p.failed(err)
	}
	if len(rs) != 1 {
		return a, p.failed(fmt.Errorf("gave %d answers instead of one", len(rs)))
	}
	for _, rule := range p.rules {
		values, ok := rs[0].Bindings[rule].(*ast.Array)
		switch {
		case !ok:
			return a, p.failed(fmt.Errorf("gave no answer for %q", rule))
		case values.Len() == 0:
			continue
		}
		if err := a.set(rule, values.Elem(0).Value); err != nil {
			return a, p.failed(err)
		}
	}
	return a, nil
}

// evalError says which file could not decide, where and why.
type evalError struct {
	where string
	what  string
	err   error
}

func (e *evalError) Error() string { return e.where + ": " + e.what }
func (e *evalError) Unwrap() error { return e.err }

func (p policy) failed(err error) error {
	e := &evalError{where: p.name, what: err.Error(), err: err}
	var t *topdown.Error
	if errors.As(err, &t) {
		e.what = t.Message
		if t.Location != nil && t.Location.File != "" {
			e.where = fmt.Sprintf("%s:%d", strings.TrimPrefix(t.Location.File, ".jitsudo/"), t.Location.Row)
		}
	}
	return e
}
