package policies

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestTrusted is the table of who may own what is read, and who may write it.
func TestTrusted(t *testing.T) {
	const me, root, other = 1000, 0, 1001
	for name, c := range map[string]struct {
		mode  os.FileMode
		owner uint32
		say   string
	}{
		"OursAllowed":              {0o644, me, ""},
		"OursForUsAloneAllowed":    {0o600, me, ""},
		"OfRootAllowed":            {0o444, root, ""},
		"FolderAllowed":            {os.ModeDir | 0o755, root, ""},
		"GroupMayReadAllowed":      {0o640, root, ""},
		"GroupMayWriteRefused":     {0o664, me, "others may change it (mode 0664), so it is not put in force; run: chmod go-w /p/a"},
		"OthersMayWriteRefused":    {0o646, me, "others may change it (mode 0646)"},
		"OfRootOpenToGroupRefused": {os.ModeDir | 0o775, root, "(mode 0775)"},
		"StickyFolderRefused":      {os.ModeDir | os.ModeSticky | 0o777, root, "(mode 0777)"},
		"OfAnotherRefused":         {0o600, other, "belongs to another user (uid 1001), so it is not put in force; run: chown root /p/a"},
	} {
		t.Run(name, func(t *testing.T) {
			err := trusted("/p/a", c.mode, c.owner, me)
			switch {
			case c.say == "" && err != nil:
				t.Error(err)
			case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say) || !strings.HasPrefix(err.Error(), "/p/a: ")):
				t.Errorf("error %v does not say %q", err, c.say)
			}
		})
	}
}

// loose lays out a folder with a link into a hidden one, and makes one place in
// it writable for others.
func loose(t *testing.T, place string, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible("allow := true"), "team/b.rego", eligible(`deny contains "Closed." if input.request.role == "x"`),
		"team/b_test.rego", "package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_it if count(eligibility.deny) == 0 with input.request.role as \"y\"",
		"..1/c.rego", eligible("allow := true"), "README.md", "hello", ".git/x", "hello"))
	for link, to := range map[string]string{"..data": "..1", "c.rego": "..data/c.rego"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, place), mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestP1_WhatOthersMayWriteIsRefused makes each place loose in turn: whoever
// may write it could let themselves in.
func TestP1_WhatOthersMayWriteIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		place string
		mode  os.FileMode
		named string // the name it has in the error, when it is another
		fine  bool
	}{
		"FolderRefused":                  {place: ".", mode: 0o777},
		"FolderOpenToGroupRefused":       {place: ".", mode: 0o775},
		"FileRefused":                    {place: "a.rego", mode: 0o666},
		"FileOpenToGroupRefused":         {place: "a.rego", mode: 0o660},
		"SubFolderRefused":               {place: "team", mode: 0o777},
		"FileInSubFolderRefused":         {place: "team/b.rego", mode: 0o646},
		"TestRefused":                    {place: "team/b_test.rego", mode: 0o646},
		"FileBehindALinkRefused":         {place: "..1/c.rego", mode: 0o666, named: "c.rego"},
		"FolderBehindALinkRefused":       {place: "..1", mode: 0o777},
		"WhatIsNotReadAllowed":           {place: "README.md", mode: 0o666, fine: true},
		"FolderThatIsNotReadAllowed":     {place: ".git", mode: 0o777, fine: true},
		"FilesForTheirOwnerAloneAllowed": {place: "a.rego", mode: 0o400, fine: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := loose(t, c.place, c.mode)
			_, err := LoadDir(dir)
			if c.fine {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			full := filepath.Join(dir, or(c.named, c.place))
			var at *FileError
			if !errors.As(err, &at) || at.File != full || !strings.Contains(err.Error(), "run: chmod go-w "+full) {
				t.Fatalf("error %v does not name %s", err, full)
			}
		})
	}
}

func TestFolderNamedByALink(t *testing.T) {
	dir := loose(t, "a.rego", 0o644)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	s, err := LoadDir(link)
	if err != nil || len(s.Files()) != 3 {
		t.Fatalf("files %v, error %v", s, err)
	}
}

func TestWhatBelongsToAnotherIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	for _, place := range []string{".", "a.rego", "team"} {
		dir := loose(t, "README.md", 0o600)
		if err := os.Lchown(filepath.Join(dir, place), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "belongs to another user (uid 12345)") {
			t.Errorf("%s: error %v", place, err)
		}
	}
}

// TestConfigMapIsNamedByItsData: the folder into which Kubernetes mounts one is
// open to all, the one that its ..data leads to is not.
func TestConfigMapIsNamedByItsData(t *testing.T) {
	dir := loose(t, ".", 0o777)
	s, err := LoadDir(filepath.Join(dir, "..data"))
	if err != nil || len(s.Files()) != 1 {
		t.Fatalf("files %v, error %v", s, err)
	}
}

// TestP1_LoosenedFolderKeepsTheOld loosens a file while its policies are in
// force: what is read then counts no more, until it is tightened again.
func TestP1_LoosenedFolderKeepsTheOld(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible(`allow if input.request.role == "viewer"`)))
	e, reports := running(t, dir, Options{Debounce: time.Hour, CheckEvery: 5 * time.Millisecond})
	file := filepath.Join(dir, "a.rego")
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	await(t, reports, func(r Report) bool {
		return r.Err != nil && strings.Contains(r.Err.Error(), "chmod go-w "+file)
	})
	write(t, dir, files("a.rego", eligible("allow := true")))
	if _, err := e.Reload(t.Context()); err == nil {
		t.Error("reloaded")
	}
	if d := mustDecide(t, e, ask(engine.ActRequest, alice, "editor", time.Hour)); d.Allowed {
		t.Fatal("what others may have written is in force")
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	await(t, reports, func(r Report) bool { return r.Err == nil && r.Revision != r.Previous })
	if d := mustDecide(t, e, ask(engine.ActRequest, alice, "editor", time.Hour)); !d.Allowed {
		t.Fatal("the mended policies are not in force")
	}
}
