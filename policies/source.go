package policies

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// The bounds of a folder of policies.
const (
	maxFile    = 1 << 20 // bytes of one file
	maxModules = 200     // files
	maxDepth   = 8       // folders within folders
)

// source is one Rego file.
type source struct {
	name string // path inside the folder, with slashes
	text string
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.rego") }

// FileError says what is wrong with a policy file, and where.
type FileError struct {
	File string // inside the folder; its whole path where a command to run names it
	Line int    // 0 when it is the file as a whole
	What string
}

// Error returns "file:line: what".
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

func wrong(file string, line int, format string, args ...any) *FileError {
	return &FileError{File: file, Line: line, What: fmt.Sprintf(format, args...)}
}

// inFolder runs f on the folder at dir. Nothing outside the folder can be
// reached through it, not even by a symbolic link, and nothing that others may
// change can be opened.
func inFolder(dir string, f func(fs.FS) error) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("policy folder: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return f(guarded{root.FS(), dir})
}

// folder is what was found in a folder of policies.
type folder struct {
	sources []source // by name
	dirs    []string // every folder that was read, "." first
	ignored []ignored
}

// ignored is a file that looks as if it were meant to count, but does not.
type ignored struct {
	name string
	why  string
}

// readFolder reads every .rego file below the root of fsys. What has a name that
// begins with a dot is not read.
func readFolder(fsys fs.FS) (folder, error) {
	var f folder
	if err := f.read(fsys, ".", 0); err != nil {
		return folder{}, err
	}
	slices.SortFunc(f.sources, func(a, b source) int { return cmp.Compare(a.name, b.name) })
	return f, nil
}

func (f *folder) read(fsys fs.FS, dir string, depth int) error {
	if depth > maxDepth {
		return wrong(dir, 0, "folders are nested more than %d deep", maxDepth)
	}
	f.dirs = append(f.dirs, dir)
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return unreadable(dir, err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		hidden := strings.HasPrefix(e.Name(), ".")
		switch {
		case e.IsDir() && !hidden:
			err = f.read(fsys, name, depth+1)
		case strings.HasSuffix(name, ".rego") && !hidden:
			err = f.add(fsys, name)
		case !e.IsDir():
			err = f.leaveOut(fsys, name, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaveOut notes or refuses what is not read but looks as if it were meant to
// be: a veto must not be missing without a word.
func (f *folder) leaveOut(fsys fs.FS, name string, e fs.DirEntry) error {
	ext, why := path.Ext(name), ""
	meant := strings.Contains(strings.ToLower(e.Name()), ".rego")
	switch {
	case strings.HasPrefix(e.Name(), "."):
		why = "its name begins with a dot"
	case strings.EqualFold(ext, ".rego"):
		return wrong(name, 0, "ends in %s, and only .rego is read; rename it, or begin its name with a dot", ext)
	case meant:
		why = "its name does not end in .rego; rename it if it is meant to count"
	case slices.Contains([]string{".json", ".yaml", ".yml"}, ext):
		why, meant = "put data into a Rego file", true
	}
	if meant {
		f.ignored = append(f.ignored, ignored{name, why})
	}
	if e.Type()&fs.ModeSymlink != 0 && e.Name()[0] != '.' {
		return refuseLinkedFolder(fsys, name)
	}
	return nil
}

// refuseLinkedFolder refuses a link to a folder: policies in it would be
// silently left out.
func refuseLinkedFolder(fsys fs.FS, name string) error {
	if info, err := fs.Stat(fsys, name); err != nil || info.IsDir() {
		return wrong(name, 0, "is a link to a folder or to nowhere, and is not followed; put the policies here, or begin its name with a dot")
	}
	return nil
}

func (f *folder) add(fsys fs.FS, name string) error {
	if len(f.sources) == maxModules {
		return wrong(name, 0, "there are more than %d policy files", maxModules)
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return unreadable(name, err)
	case !info.Mode().IsRegular():
		return wrong(name, 0, "is not a regular file")
	}
	text, err := readBounded(fsys, name)
	if err != nil {
		return err
	}
	f.sources = append(f.sources, source{name: name, text: text})
	return nil
}

func readBounded(fsys fs.FS, name string) (string, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return "", unreadable(name, err)
	}
	defer file.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return "", unreadable(name, err)
	case len(text) > maxFile:
		return "", wrong(name, 0, "is larger than %d KiB", maxFile>>10)
	}
	return string(text), nil
}

// unreadable says that a file cannot be read, once, and without its path twice.
func unreadable(name string, err error) error {
	var known *FileError
	var p *fs.PathError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &p):
		err = p.Err
	}
	return wrong(name, 0, "cannot be read: %v", err)
}

// digest is the SHA-256 over names and contents in the order of the names, each
// preceded by its length, so that no two sets of files have the same text.
func digest(sources []source) string {
	sorted := slices.SortedFunc(slices.Values(sources), func(a, b source) int { return cmp.Compare(a.name, b.name) })
	h := sha256.New()
	for _, s := range sorted {
		fmt.Fprintf(h, "%d:%s%d:%s", len(s.name), s.name, len(s.text), s.text)
	}
	return hex.EncodeToString(h.Sum(nil))
}
