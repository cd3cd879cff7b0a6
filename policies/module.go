package policies

import (
	"errors"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The packages that may stand in a policy folder.
const (
	eligibility = "jitsudo.eligibility"
	approvals   = "jitsudo.approval"
	library     = "jitsudo.lib"
)

// module is one parsed Rego file.
type module struct {
	source
	pkg    string // jitsudo.eligibility
	parsed *ast.Module
}

func (m module) decides() bool   { return m.pkg == eligibility || m.pkg == approvals }
func (m module) isLibrary() bool { return strings.HasPrefix(m.pkg, library+".") }

// parse reads a file as Rego v1 and checks that its package may be here.
func parse(s source) (module, error) {
	if isBlank(s.text) {
		return module{}, wrong(s.name, 0, "holds no policy; begin it with \"package %s\" or \"package %s\"", eligibility, approvals)
	}
	parsed, err := ast.ParseModuleWithOpts(s.name, s.text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities(testBuiltins)})
	if err != nil {
		return module{}, explain(err, s.name)
	}
	m := module{source: s, pkg: strings.TrimPrefix(parsed.Package.Path.String(), "data."), parsed: parsed}
	if err := m.checkPackage(); err != nil {
		return module{}, err
	}
	return m, m.checkPrint()
}

// isBlank reports whether there is nothing but space and comments.
func isBlank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// checkPrint refuses print, which the compiler would drop without a word. In
// tests it does no harm.
func (m module) checkPrint() error {
	var found error
	ast.WalkExprs(m.parsed, func(e *ast.Expr) bool {
		if found == nil && !m.isTest() && e.IsCall() && e.Operator().Equal(ast.Print.Ref()) {
			found = wrong(m.name, e.Location.Row, "print is not there for policies")
		}
		return false
	})
	return found
}

func (m module) checkPackage() error {
	line := m.parsed.Package.Location.Row
	switch {
	case m.isTest():
		if strings.HasPrefix(m.pkg, "jitsudo.") {
			return m.checkTests()
		}
		return wrong(m.name, line, "package %s is none of jitsudo's; a test belongs into a package like %s_test", m.pkg, approvals)
	case m.decides(), m.isLibrary():
		return nil
	}
	near := nearest(m.pkg, []string{eligibility, approvals, library + ".<name>"})
	if near == "" {
		return wrong(m.name, line, "package %s is not known here; policies are in %s or %s, helpers in %s.<name>", m.pkg, eligibility, approvals, library)
	}
	return wrong(m.name, line, "package %s is not known here; did you mean %s?", m.pkg, near)
}

// checkTests refuses a test file without a test: it may be a policy that is
// thought to be in force.
func (m module) checkTests() error {
	for _, r := range m.parsed.Rules {
		if name := ruleName(r); strings.HasPrefix(name, "test_") || strings.HasPrefix(name, "todo_test_") {
			return nil
		}
	}
	return wrong(m.name, 0, "is named like a test but has no rule that begins with test_; name it otherwise if it is a policy")
}

// ruleName is the first word of a rule's head: allow in "allow if …".
func ruleName(r *ast.Rule) string {
	if v, ok := r.Head.Ref()[0].Value.(ast.Var); ok {
		return string(v)
	}
	return r.Head.Ref()[0].String()
}

// explain turns the errors of OPA into a FileError that names the first, and
// how many more there are.
func explain(err error, file string) error {
	var list ast.Errors
	var one *ast.Error
	switch {
	case errors.As(err, &list) && len(list) > 0:
		one = list[0]
	case !errors.As(err, &one):
		return wrong(file, 0, "%v", err)
	}
	line := 0
	if one.Location != nil {
		line = one.Location.Row
		if one.Location.File != "" {
			file = one.Location.File
		}
	}
	what := one.Message
	if one.Details != nil {
		for _, l := range one.Details.Lines() {
			what += "; " + strings.TrimSpace(l)
		}
	}
	if n := len(list); n > 1 {
		return wrong(file, line, "%s (and %d more)", what, n-1)
	}
	return wrong(file, line, "%s", what)
}
