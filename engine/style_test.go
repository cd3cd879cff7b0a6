package engine_test

import (
	"fmt"
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
)

// The sizes beyond which a reader loses the thread. Who needs more has found
// two things that want names of their own.
const (
	maxFunctionLines = 50
	maxFileLines     = 300
	maxParameters    = 4 // a context not counted
	maxMethods       = 7
)

// goroutinesWithReason are the places outside main that start a goroutine
// they do not wait for, and how many.
var goroutinesWithReason = map[string]int{
	// OPA cannot interrupt a single built-in function; the number of those
	// that run on is bounded by the worker slots they hold.
	"policies/evaluator.go": 1,
}

// topLevel is what lies at the top of the repository. Names that begin with a
// dot are the tools' own; bin is ignored by git.
var topLevel = []string{
	"cmd", "bot", "engine", "providers", "store", "policies", "examples", "bin",
	"go.mod", "go.sum", "Justfile", "README.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
}

func TestTopLevelHoldsWhatIsPlanned(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s lies at the top of the repository; move it to its subject, or add it to topLevel in engine/style_test.go", e.Name())
		}
	}
}

// A houseRule looks at one file and says what is against the house's rules.
type houseRule func(goFile) []string

var houseRules = map[string]houseRule{
	"files are short":                      shortFiles,
	"functions are short":                  shortFunctions,
	"interfaces are narrow":                narrowInterfaces,
	"packages are named by subject":        namedBySubject,
	"nothing happens by import":            noInit,
	"goroutines are waited for":            noLooseGoroutines,
	"the engine's time comes by its clock": engineTime,
}

func TestHouseRules(t *testing.T) {
	files := repository(t)
	for name, check := range houseRules {
		t.Run(name, func(t *testing.T) {
			for _, f := range files {
				complain(t, check(f))
			}
		})
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	complain(t, withoutComment(repository(t)))
}

// withoutComment returns the folders whose package says nothing about itself.
func withoutComment(files []goFile) (complaints []string) {
	said := map[string]bool{}
	for _, f := range files {
		if !f.isTest() {
			said[f.folder()] = said[f.folder()] || f.file.Doc.Text() != ""
		}
	}
	for folder, ok := range said {
		if !ok {
			complaints = append(complaints, folder+": no package comment; say what the package owns and what it must not know")
		}
	}
	return complaints
}

func shortFiles(f goFile) []string {
	lines := f.fset.File(f.file.Pos()).LineCount()
	if f.isTest() || lines <= maxFileLines {
		return nil
	}
	return []string{fmt.Sprintf("%s has %d lines, more than %d; give its second subject a file", f.path, lines, maxFileLines)}
}

func shortFunctions(f goFile) (complaints []string) {
	for _, d := range f.file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || f.isTest() {
			continue
		}
		if lines := f.fset.Position(fn.End()).Line - f.line(fn) + 1; lines > maxFunctionLines {
			complaints = append(complaints, f.at(fn, "%s has %d lines, more than %d; name a part of it", fn.Name.Name, lines, maxFunctionLines))
		}
		if n := parameters(fn.Type); n > maxParameters {
			complaints = append(complaints, f.at(fn, "%s has %d parameters besides the context, more than %d; make them a type", fn.Name.Name, n, maxParameters))
		}
	}
	return complaints
}

func parameters(fn *ast.FuncType) (n int) {
	for _, p := range fn.Params.List {
		if isSelector(p.Type, "context", "Context") || isSelector(p.Type, "testing", "TB") {
			continue // where it happens, not what about
		}
		n += max(1, len(p.Names))
	}
	return n
}

func narrowInterfaces(f goFile) (complaints []string) {
	if f.isTest() {
		return nil
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		i, ok := n.(*ast.InterfaceType)
		if ok && i.Methods.NumFields() > maxMethods {
			complaints = append(complaints, f.at(i, "an interface of %d methods, more than %d; split off an ability", i.Methods.NumFields(), maxMethods))
		}
		return true
	})
	return complaints
}

func namedBySubject(f goFile) []string {
	switch name := strings.TrimSuffix(f.file.Name.Name, "_test"); name {
	case "util", "utils", "common", "helper", "helpers", "types", "models", "misc", "shared":
		return []string{f.at(f.file, "package %s says nothing about its subject; name it after what it owns", name)}
	}
	return nil
}

func noInit(f goFile) (complaints []string) {
	for _, d := range f.file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			complaints = append(complaints, f.at(fn, "an init function; let the program's main put the parts together"))
		}
	}
	return complaints
}

// noLooseGoroutines looks where everything long-lived is a Run(ctx) error that
// main starts. Contracts and simulators are programs of their own.
func noLooseGoroutines(f goFile) (complaints []string) {
	if f.isTest() || isHelper(f.folder()) || !isWithin(f.folder(), "engine", "store", "policies", "providers") {
		return nil
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			complaints = append(complaints, f.at(g, "a goroutine; make it a Run(ctx) error that main starts and waits for"))
		}
		return true
	})
	if len(complaints) <= goroutinesWithReason[f.path] {
		return nil
	}
	return complaints
}

// engineTime keeps the engine's decisions a function of the time it is given.
func engineTime(f goFile) (complaints []string) {
	if f.isTest() || f.folder() != "engine" || f.path == "engine/clock.go" {
		return nil
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		for _, name := range []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick"} {
			if e, ok := n.(ast.Expr); ok && isSelector(e, "time", name) {
				complaints = append(complaints, f.at(n, "time.%s; take the time from the engine's clock", name))
			}
		}
		return true
	})
	return complaints
}

func isSelector(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}
