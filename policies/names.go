package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// asks returns the names of the rules that have a meaning in the package.
func asks(pkg string) []string {
	if pkg == eligibility {
		return []string{"allow", "deny", "reason", "max_duration_seconds"}
	}
	return []string{
		"allow", "deny", "reason", "approver_tier", "required_approvals", "approver_groups", "approvers",
		"assurance", "pending_seconds", "channel", "notify",
	}
}

// checkNames looks for rules that look as if they meant something but do not:
// a misspelt name would silently never allow, or never veto. A rule that
// nobody uses and that is no near miss is only worth a warning.
func (m module) checkNames() (warnings []string, err error) {
	used := m.usedNames()
	for _, r := range m.parsed.Rules {
		name := ruleName(r)
		if slices.Contains(asks(m.pkg), name) || used[name] {
			continue
		}
		line := r.Location.Row
		if near := nearest(name, asks(m.pkg)); near != "" {
			return nil, wrong(m.name, line, "rule %q has no meaning in package %s and no other rule uses it; did you mean %q?", name, m.pkg, near)
		}
		if slices.Contains(asks(otherPackage(m.pkg)), name) {
			return nil, wrong(m.name, line, "rule %q has a meaning in package %s only, and this is %s", name, otherPackage(m.pkg), m.pkg)
		}
		warnings = append(warnings, wrong(m.name, line, "rule %q is used by nobody", name).Error())
	}
	return slices.Compact(warnings), nil
}

func otherPackage(pkg string) string {
	if pkg == eligibility {
		return approvals
	}
	return eligibility
}

// usedNames are the names that stand anywhere in the file but at the head of a
// rule, or inside the head's value or key.
func (m module) usedNames() map[string]bool {
	used := map[string]bool{}
	note := func(v ast.Var) bool { used[string(v)] = true; return false }
	for _, r := range m.parsed.Rules {
		for ; r != nil; r = r.Else {
			ast.WalkVars(r.Body, note)
			for _, t := range []*ast.Term{r.Head.Key, r.Head.Value} {
				if t != nil {
					ast.WalkVars(t, note)
				}
			}
		}
	}
	// The package's own rules may also be named in full.
	ast.WalkRefs(m.parsed, func(r ast.Ref) bool {
		if rest, own := strings.CutPrefix(r.String(), "data."+m.pkg+"."); own {
			name, _, _ := strings.Cut(rest, ".")
			used[name] = true
		}
		return false
	})
	return used
}

// checkRefs refuses references to rules that are not there: they would be
// undefined for ever, and "not" of something undefined is true.
func (m module) checkRefs(c *ast.Compiler) error {
	var missing error
	ast.WalkRefs(c.Modules[m.name], func(r ast.Ref) bool {
		if missing != nil || !r.HasPrefix(ast.DefaultRootRef) {
			return false
		}
		ground := r.GroundPrefix()
		if len(c.GetRules(ground)) == 0 {
			missing = wrong(m.name, line(r), "%s is not there; a policy can use its own rules and those of %s.*", ground, library)
		}
		return false
	})
	return missing
}

func line(r ast.Ref) int {
	if r[0].Location != nil {
		return r[0].Location.Row
	}
	return 0
}

// nearest returns the name that s is probably a slip of, "" when there is none.
func nearest(s string, names []string) string {
	best, at := "", 1+max(1, min(3, len(s)/3))
	for _, n := range names {
		if d := engine.Distance(s, n); d > 0 && d < at {
			best, at = n, d
		}
	}
	return best
}

// plural is for sentences that count.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
