package engine_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// modulePath is the import path of the product.
const modulePath = "github.com/jitsudo-chat/jitsudo"

// A goFile is one Go file of the repository, parsed with its comments.
type goFile struct {
	path string // from the top of the repository
	fset *token.FileSet
	file *ast.File
}

func (s goFile) folder() string      { return path.Dir(s.path) }
func (s goFile) isTest() bool        { return strings.HasSuffix(s.path, "_test.go") }
func (s goFile) line(n ast.Node) int { return s.fset.Position(n.Pos()).Line }

// at is a complaint about one place of the file.
func (s goFile) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: ", s.path, s.line(n)) + fmt.Sprintf(format, args...)
}

// isHelper says whether the folder holds a contract (…test) or a simulator
// (…sim), which are held to other rules than the product's parts.
func isHelper(folder string) bool {
	return strings.HasSuffix(folder, "test") || strings.HasSuffix(folder, "sim")
}

// isWithin says whether the folder is one of the given ones or inside of one.
func isWithin(folder string, tops ...string) bool {
	for _, top := range tops {
		if folder == top || strings.HasPrefix(folder, top+"/") {
			return true
		}
	}
	return false
}

var readRepository = sync.OnceValues(func() ([]goFile, error) { return readGoFiles("..") })

// repository returns every Go file of the module. The files are parsed rather
// than listed by the go command, so that those for other systems count too, and
// so that the test's cached result ends with the next change.
func repository(t *testing.T) []goFile {
	t.Helper()
	sources, err := readRepository()
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func readGoFiles(top string) (sources []goFile, err error) {
	walk := func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return skipForeign(top, name)
		case !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		s, err := parseGo(filepath.ToSlash(relative), string(text))
		sources = append(sources, s)
		return err
	}
	return sources, filepath.WalkDir(top, walk)
}

// skipForeign leaves out what the go command leaves out as well.
func skipForeign(top, folder string) error {
	if folder == top {
		return nil
	}
	name := filepath.Base(folder)
	if name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
		return fs.SkipDir // a module of its own
	}
	return nil
}

func parseGo(path, text string) (goFile, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return goFile{path: path, fset: fset, file: file}, err
}

// mustParseGo makes a goFile out of a test's own text.
func mustParseGo(t *testing.T, path, text string) goFile {
	t.Helper()
	s, err := parseGo(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// complain makes each complaint of a check an error of the test.
func complain(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}
