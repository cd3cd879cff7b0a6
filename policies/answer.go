package policies

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// The bounds of what a policy may answer.
const (
	maxNames     = 200                      // members of a set
	maxText      = 1000                     // bytes of one string
	maxSeconds   = 10 * 365 * 24 * 3600     // ten years
	maxApprovals = 100                      // people
	maxLimit     = maxSeconds * time.Second // as a duration
)

// answer is what one policy file said. Zero fields were left undefined.
type answer struct {
	file      string
	allow     bool
	deny      []string
	reason    string
	limit     time.Duration // max_duration_seconds
	tier      engine.Tier
	required  *int
	groups    []string
	people    []string
	assurance engine.Assurance
	pending   time.Duration
	channel   string
	notify    []string
}

// kind is a type that a rule's value must have.
type kind string

const (
	boolean kind = "true or false"
	text    kind = "a string"
	number  kind = "a number"
	names   kind = "a set of strings"
)

func kindOf(rule string) kind {
	switch rule {
	case "allow":
		return boolean
	case "reason", "approver_tier", "assurance", "channel":
		return text
	case "max_duration_seconds", "required_approvals", "pending_seconds":
		return number
	}
	return names
}

// checkTypes refuses rules that can never have the type they must have, as far
// as the compiler can tell. What it cannot tell is checked at every answer.
func (m module) checkTypes(c *ast.Compiler, rules []string) error {
	for _, r := range m.parsed.Rules {
		name := ruleName(r)
		if !slices.Contains(rules, name) {
			continue
		}
		t := c.TypeEnv.GetByRef(m.parsed.Package.Path.Append(ast.StringTerm(name)))
		if !fits(t, kindOf(name)) {
			return wrong(m.name, r.Location.Row, "rule %q must be %s%s, and is %s", name, kindOf(name), howTo(name), types.Sprint(t))
		}
	}
	return nil
}

func howTo(rule string) string {
	if kindOf(rule) == names {
		return fmt.Sprintf(" (write \"%s contains … if …\")", rule)
	}
	return ""
}

func fits(t types.Type, want kind) bool {
	switch t := t.(type) {
	case nil:
		return true
	case types.Any:
		return len(t) == 0 || slices.ContainsFunc(t, func(t types.Type) bool { return fits(t, want) })
	case types.Boolean:
		return want == boolean
	case types.String:
		return want == text
	case types.Number:
		return want == number
	case *types.Set:
		return want == names && fits(t.Of(), text)
	case *types.Array:
		return want == names
	}
	return false
}

// set stores the value of one rule; anything but the exact type is an error.
func (a *answer) set(rule string, v ast.Value) (err error) {
	switch rule {
	case "allow":
		a.allow, err = asBool(v)
	case "deny":
		a.deny, err = asNames(v)
	case "reason":
		a.reason, err = asText(v)
	case "max_duration_seconds":
		a.limit, err = asSeconds(v)
	case "approver_tier":
		a.tier, err = asTier(v)
	case "required_approvals":
		a.required, err = asCount(v)
	case "approver_groups":
		a.groups, err = asNames(v)
	case "approvers":
		a.people, err = asNames(v)
	case "assurance":
		a.assurance, err = asAssurance(v)
	case "pending_seconds":
		a.pending, err = asSeconds(v)
	case "channel":
		a.channel, err = asText(v)
	case "notify":
		a.notify, err = asNames(v)
	}
	if err != nil {
		return fmt.Errorf("rule %q %w", rule, err)
	}
	return nil
}

func mustBe(k kind, v ast.Value) error {
	return fmt.Errorf("must be %s, and is of type %s", k, ast.ValueName(v))
}

func asBool(v ast.Value) (bool, error) {
	if b, ok := v.(ast.Boolean); ok {
		return bool(b), nil
	}
	return false, mustBe(boolean, v)
}

func asText(v ast.Value) (string, error) {
	s, ok := v.(ast.String)
	switch {
	case !ok:
		return "", mustBe(text, v)
	case len(s) > maxText:
		return "", fmt.Errorf("is longer than %d bytes", maxText)
	case !utf8.ValidString(string(s)):
		return "", fmt.Errorf("is not UTF-8")
	}
	return string(s), nil
}

func asWhole(v ast.Value, least, most int64) (int64, error) {
	n, ok := v.(ast.Number)
	if !ok {
		return 0, mustBe(number, v)
	}
	i, ok := n.Int64()
	if !ok || i < least || i > most {
		return 0, fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	return i, nil
}

func asSeconds(v ast.Value) (time.Duration, error) {
	s, err := asWhole(v, 1, maxSeconds)
	return time.Duration(s) * time.Second, err
}

func asCount(v ast.Value) (*int, error) {
	i, err := asWhole(v, 0, maxApprovals)
	if err != nil {
		return nil, err
	}
	n := int(i)
	return &n, nil
}

func asTier(v ast.Value) (engine.Tier, error) {
	s, err := asText(v)
	t := engine.Tier(s)
	if err == nil && t != engine.TierAuto && t != engine.TierAI && t != engine.TierHuman {
		err = fmt.Errorf("must be \"auto\", \"ai_review\" or \"human\", and is %q", s)
	}
	return t, err
}

func asAssurance(v ast.Value) (engine.Assurance, error) {
	s, err := asText(v)
	a := engine.Assurance(s)
	if err == nil && a != engine.AssuranceChat && a != engine.AssuranceStepUp {
		err = fmt.Errorf("must be \"chat\" or \"step_up\", and is %q", s)
	}
	return a, err
}

// asNames takes a set or a list of strings, and returns them in order.
func asNames(v ast.Value) ([]string, error) {
	var members []*ast.Term
	switch v := v.(type) {
	case ast.Set:
		members = v.Slice()
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { members = append(members, t) })
	default:
		return nil, mustBe(names, v)
	}
	if len(members) > maxNames {
		return nil, fmt.Errorf("has more than %d members", maxNames)
	}
	var out []string
	for _, t := range members {
		s, err := asText(t.Value)
		if err != nil {
			return nil, fmt.Errorf("has a member that %w", err)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
