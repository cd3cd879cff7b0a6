package policies

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"
)

//go:embed lib/*.rego
var libFiles embed.FS

//go:embed schema.json
var schemaJSON []byte

// Set is a compiled set of policies. It never changes. The zero Set refuses
// everything.
type Set struct {
	policies []policy // by name
	revision string   // of what decides
	trials   []trial
	warnings []string
}

// policy is one file that decides, compiled by itself with the helpers.
type policy struct {
	name  string
	pkg   string
	rules []string // those with a meaning that it has
	query rego.PreparedEvalQuery
}

// trial is a file of Rego tests with what it is compiled with.
type trial struct {
	test    module
	subject module
	modules []module // the two and the helpers
}

// dialect says how policies are compiled. Only tests change it, to show what
// it is good for.
type dialect struct {
	lax bool // built-in errors count as undefined: policies fail open
}

// Load compiles every .rego file below the root of fsys. The tests among them
// are compiled but not run: see [Set.Test].
func Load(fsys fs.FS) (*Set, error) { return dialect{}.load(fsys) }

// LoadDir is [Load] for a folder on disk. Links that lead out of it are refused.
func LoadDir(dir string) (*Set, error) {
	var s *Set
	err := inFolder(dir, func(fsys fs.FS) (err error) {
		s, err = Load(fsys)
		return err
	})
	return s, err
}

// Revision is the digest of the policies and their helpers, "" when there is no
// policy. Tests do not count: they decide nothing.
func (s *Set) Revision() string { return s.revision }

// Warnings are sentences about what is allowed but probably not meant.
func (s *Set) Warnings() []string { return slices.Clone(s.warnings) }

// Files are the names of the policies in force, without helpers and tests.
func (s *Set) Files() []string {
	names := make([]string, len(s.policies))
	for i, p := range s.policies {
		names[i] = p.name
	}
	return names
}

func (d dialect) load(fsys fs.FS) (*Set, error) {
	f, err := readFolder(fsys)
	if err != nil {
		return nil, err
	}
	modules, err := parseAll(f.sources)
	if err != nil {
		return nil, err
	}
	helpers, err := builtInHelpers()
	if err != nil {
		return nil, err
	}
	if err := checkHelpers(modules, helpers); err != nil {
		return nil, err
	}
	s := &Set{}
	for _, i := range f.ignored {
		s.warnings = append(s.warnings, wrong(i.name, 0, "is not read: %s", i.why).Error())
	}
	if err := d.compileAll(s, modules, helpers); err != nil {
		return nil, err
	}
	return s, nil
}

func parseAll(sources []source) ([]module, error) {
	var modules []module
	for _, src := range sources {
		m, err := parse(src)
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	return modules, nil
}

// builtInHelpers are the helpers that come with jitsudo, without their tests.
func builtInHelpers() ([]module, error) {
	f, err := readFolder(libFiles)
	if err != nil {
		return nil, err
	}
	// No file of a folder has a name that begins with a dot, so none can take the
	// place of a helper.
	for i := range f.sources {
		f.sources[i].name = ".jitsudo/" + f.sources[i].name
	}
	modules, err := parseAll(f.sources)
	return slices.DeleteFunc(modules, func(m module) bool { return m.isTest() }), err
}

// checkHelpers refuses a helper that would mix with one that comes with jitsudo.
func checkHelpers(modules, builtIn []module) error {
	for _, m := range modules {
		taken := slices.ContainsFunc(builtIn, func(b module) bool { return b.pkg == m.pkg })
		if taken && !m.isTest() {
			return wrong(m.name, m.parsed.Package.Location.Row, "package %s comes with jitsudo; choose another name below %s", m.pkg, library)
		}
	}
	return nil
}

func (d dialect) compileAll(s *Set, modules, helpers []module) error {
	for _, m := range modules {
		if m.isLibrary() && !m.isTest() {
			helpers = append(helpers, m)
		}
	}
	decisive := sourcesOf(helpers)
	for _, m := range modules {
		if m.isTest() || m.isLibrary() {
			continue
		}
		p, warnings, err := d.compile(m, helpers)
		if err != nil {
			return err
		}
		s.policies = append(s.policies, p)
		s.warnings = append(s.warnings, warnings...)
		decisive = append(decisive, m.source)
	}
	if len(s.policies) > 0 {
		s.revision = digest(decisive)
	} else if len(helpers) > 0 {
		// Helpers by themselves decide nothing, but they too must compile.
		if _, err := compiler(helpers); err != nil {
			return err
		}
	}
	return s.pairTests(modules, helpers)
}

func sourcesOf(modules []module) []source {
	var out []source
	for _, m := range modules {
		out = append(out, m.source)
	}
	return out
}

// compiler compiles modules together, and nothing else.
func compiler(modules []module, extra ...string) (*ast.Compiler, error) {
	var schema any
	if err := util.Unmarshal(schemaJSON, &schema); err != nil {
		return nil, fmt.Errorf("schema of the policy input: %w", err)
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, schema)
	parsed := map[string]*ast.Module{}
	for _, m := range modules {
		parsed[m.name] = m.parsed
	}
	c := ast.NewCompiler().WithCapabilities(capabilities(extra...)).WithStrict(true).WithSchemas(schemas).
		WithDefaultRegoVersion(ast.RegoV1)
	if c.Compile(parsed); c.Failed() {
		return nil, explain(c.Errors, modules[0].name)
	}
	return c, nil
}

// compile makes one file ready to be asked, with the helpers and by itself.
func (d dialect) compile(m module, helpers []module) (policy, []string, error) {
	c, err := compiler(append([]module{m}, helpers...))
	if err != nil {
		return policy{}, nil, err
	}
	warnings, err := m.checkNames()
	if err != nil {
		return policy{}, nil, err
	}
	if err := m.checkRefs(c); err != nil {
		return policy{}, nil, err
	}
	p := policy{name: m.name, pkg: m.pkg}
	for _, name := range asks(m.pkg) {
		if slices.ContainsFunc(m.parsed.Rules, func(r *ast.Rule) bool { return ruleName(r) == name }) {
			p.rules = append(p.rules, name)
		}
	}
	if len(p.rules) == 0 {
		return policy{}, nil, wrong(m.name, 0, "decides nothing: it has none of the rules %s", strings.Join(asks(m.pkg), ", "))
	}
	if err := m.checkTypes(c, p.rules); err != nil {
		return policy{}, nil, err
	}
	p.query, err = d.prepare(c, p)
	if err != nil {
		return policy{}, nil, wrong(m.name, 0, "%v", err)
	}
	return p, warnings, nil
}

// prepare asks for all rules at once. Each answer is a list of one value, or of
// none when the rule is undefined.
func (d dialect) prepare(c *ast.Compiler, p policy) (rego.PreparedEvalQuery, error) {
	var asked []string
	for _, name := range p.rules {
		asked = append(asked, fmt.Sprintf("%s := [v | v := data.%s.%s]", name, p.pkg, name))
	}
	return rego.New(
		rego.Query(strings.Join(asked, "; ")),
		rego.Compiler(c),
		rego.Capabilities(capabilities()),
		rego.StrictBuiltinErrors(!d.lax),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(context.Background())
}
