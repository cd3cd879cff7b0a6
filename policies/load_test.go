package policies

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

type badFile struct {
	fsys fstest.MapFS
	say  string
}

// badRules are mistakes in what a policy says.
func badRules() map[string]badFile {
	return map[string]badFile{
		"SyntaxError":             {files("a.rego", eligible("allow if {\n\tx := \n}")), "a.rego:5: "},
		"Empty":                   {files("a.rego", ""), "a.rego: holds no policy"},
		"OnlyComments":            {files("a.rego", "# nothing\n"), "a.rego: holds no policy"},
		"OtherPackage":            {files("a.rego", "package authz\n\nallow := true"), "a.rego:1: package authz is not known here; policies are in jitsudo.eligibility or jitsudo.approval"},
		"MisspeltPackage":         {files("a.rego", "package jitsudo.eligibilty\n\nallow := true"), "did you mean jitsudo.eligibility?"},
		"MisspeltPackagePlural":   {files("a.rego", "package jitsudo.approvals\n\nallow := true"), "did you mean jitsudo.approval?"},
		"LibraryItself":           {files("a.rego", "package jitsudo.lib\n\nx := 1"), "is not known here"},
		"MisspeltRule":            {files("a.rego", eligible("default allow := false\n\nalow if input.action == \"request\"")), `a.rego:5: rule "alow" has no meaning in package jitsudo.eligibility and no other rule uses it; did you mean "allow"?`},
		"MisspeltDeny":            {files("a.rego", eligible("allow := true\n\ndenny contains \"no\" if input.action == \"request\"")), `did you mean "deny"?`},
		"MisspeltLimit":           {files("a.rego", eligible("allow := true\n\nmax_duration_second := 60")), `did you mean "max_duration_seconds"?`},
		"RuleOfTheOtherPackage":   {files("a.rego", approve("allow := true\nmax_duration_seconds := 60")), "has a meaning in package jitsudo.eligibility only"},
		"MisspeltInput":           {files("a.rego", eligible("allow := true\n\ndeny contains \"no\" if input.requester.trusttier < 2")), "a.rego:5: undefined ref: input.requester.trusttier"},
		"ComparedWithAnotherType": {files("a.rego", eligible(`allow if input.request.duration_seconds == "3600"`)), "a.rego:3: match error"},
		"UnknownHelper":           {files("a.rego", eligible("import data.jitsudo.lib.wen\n\nallow if not wen.office_hours")), "data.jitsudo.lib.wen.office_hours is not there"},
		"OtherPolicy":             {files("a.rego", eligible("allow if not data.jitsudo.approval.allow")), "data.jitsudo.approval.allow is not there"},
		"UnsafeVariable":          {files("a.rego", eligible("allow if x == 1")), "a.rego:3: var x is unsafe"},
		"UnusedVariable":          {files("a.rego", eligible("allow if {\n\tx := 1\n}")), "assigned var x unused"},
		"Recursion":               {files("a.rego", eligible("allow if other\n\nother if allow")), "recursive"},
		"OldSyntax":               {files("a.rego", eligible("allow { true }")), "a.rego:3: "},
		"DecidesNothing":          {files("a.rego", eligible("other := 1")), "decides nothing"},
	}
}

// badOthers are mistakes in what a policy says or how it lies in the folder.
func badOthers() map[string]badFile {
	yes := eligible("allow := true")
	return map[string]badFile{
		"AllowIsAString":          {files("a.rego", eligible(`allow := "true"`)), `a.rego:3: rule "allow" must be true or false, and is string`},
		"AllowIsASet":             {files("a.rego", eligible(`allow contains "true"`)), `rule "allow" must be true or false, and is set`},
		"AllowIsAFunction":        {files("a.rego", eligible(`allow(_) := true`)), `rule "allow" must be`},
		"DenyIsBoolean":           {files("a.rego", eligible("allow := true\ndeny if input.action == \"request\"")), `rule "deny" must be a set of strings (write "deny contains … if …")`},
		"DenyOfNumbers":           {files("a.rego", eligible("deny contains 1")), `rule "deny" must be a set of strings`},
		"LimitIsAString":          {files("a.rego", eligible(`max_duration_seconds := "60"`)), `rule "max_duration_seconds" must be a number`},
		"TierIsANumber":           {files("a.rego", approve(`approver_tier := 1`)), `rule "approver_tier" must be a string`},
		"HelperOfJitsudo":         {files("a.rego", yes, "h.rego", "package jitsudo.lib.people\n\nin_any(_, _) := true"), "comes with jitsudo; choose another name"},
		"BrokenHelperAlone":       {files("h.rego", "package jitsudo.lib.ours\n\nx if y"), "h.rego:3: "},
		"TestWithoutPolicy":       {files("a.rego", yes, "b_test.rego", "package jitsudo.eligibility_test\n\ntest_x := true"), "b_test.rego: tests b.rego, which is not there"},
		"PolicyNamedLikeATest":    {files("a_test.rego", yes), "is named like a test but has no rule that begins with test_"},
		"TestOfAnotherPackage":    {files("a.rego", yes, "a_test.rego", "package authz_test\n\ntest_x := true"), "is none of jitsudo's"},
		"TestThatRefersToNothing": {files("a.rego", yes, "a_test.rego", "package jitsudo.eligibility_test\n\nimport data.jitsudo.eligibility\n\ntest_x if not eligibility.alow"), "a_test.rego:5: data.jitsudo.eligibility.alow is not there"},
		"TestThatDoesNotCompile":  {files("a.rego", yes, "a_test.rego", "package jitsudo.eligibility_test\n\ntest_x if y"), "a_test.rego:3: "},
		"TooLarge":                {files("a.rego", yes+strings.Repeat("#", maxFile)), "a.rego: is larger than 1024 KiB"},
		"Print":                   {files("a.rego", eligible("allow if print(input)")), "a.rego:3: "},
		"InAFolder":               {files("team/a.rego", eligible("allow if x")), "team/a.rego:3: "},
		"SeveralErrorsAreCounted": {files("a.rego", eligible("allow if x\nallow if y")), "(and 1 more)"},
		"NotUTF8":                 {files("a.rego", eligible("allow if input.action == \"\xff\"")), "a.rego:3: "},
		"AMultipleDefault":        {files("a.rego", eligible("default allow := false\ndefault allow := true")), "multiple default rules"},
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	cases := badRules()
	maps.Copy(cases, badOthers())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Load(c.fsys)
			if err == nil {
				t.Fatal("loaded")
			}
			var at *FileError
			if !errors.As(err, &at) || at.File == "" {
				t.Errorf("error %v does not name a file", err)
			}
			if !strings.Contains(err.Error(), c.say) {
				t.Errorf("error %q does not say %q", err, c.say)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
		})
	}
}

func TestTooManyFilesAreRefused(t *testing.T) {
	fsys := files()
	for i := range maxModules + 1 {
		fsys[fmt.Sprintf("%03d.rego", i)] = &fstest.MapFile{Data: []byte(eligible("allow := true"))}
	}
	if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), "more than 200 policy files") {
		t.Fatalf("error %v", err)
	}
}

func TestTooDeepFoldersAreRefused(t *testing.T) {
	if _, err := Load(files(strings.Repeat("d/", maxDepth+1)+"a.rego", eligible("allow := true"))); err == nil || !strings.Contains(err.Error(), "nested more than 8 deep") {
		t.Fatalf("error %v", err)
	}
}

func TestWarnings(t *testing.T) {
	s, err := Load(files("a.rego", eligible("allow := true\n\nleftover := 1\n\nused := 2\n\ndeny contains \"x\" if used == 3"),
		"data.json", "{}", "README.md", "hello", ".git/a.rego", "nonsense"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"data.json: is not read: put data into a Rego file", `a.rego:5: rule "leftover" is used by nobody`}
	if got := s.Warnings(); !slices.Equal(got, want) {
		t.Errorf("warnings %q", got)
	}
	if got := s.Files(); !slices.Equal(got, []string{"a.rego"}) {
		t.Errorf("files %q", got)
	}
}

// TestWhatLooksLikeAPolicy is about names that are nearly those of a policy: a
// veto must not be missing without a word.
func TestWhatLooksLikeAPolicy(t *testing.T) {
	veto, name := eligible(`deny contains "Closed."`), "its name does not end in .rego"
	for file, c := range map[string]struct{ warning, refusal string }{
		"freeze.rego.txt":         {warning: name},
		"freeze.rego~":            {warning: name},
		"freeze.rego.bak":         {warning: name},
		"team/freeze.Rego.orig":   {warning: name},
		"freeze.REGO.disabled":    {warning: name},
		"rego.txt":                {},
		"freeze.regolith":         {warning: name},
		"freeze.rego.json":        {warning: name},
		".freeze.rego":            {warning: "its name begins with a dot"},
		".freeze.Rego":            {warning: "its name begins with a dot"},
		".freeze.rego.swp":        {warning: "its name begins with a dot"},
		"freeze.Rego":             {refusal: "freeze.Rego: ends in .Rego, and only .rego is read"},
		"freeze.REGO":             {refusal: "freeze.REGO: ends in .REGO, and only .rego is read"},
		"team/freeze_test.rEgo":   {refusal: "team/freeze_test.rEgo: ends in .rEgo"},
		"team/.git/freeze.rego":   {},
		"freeze.rego.d/README.md": {},
	} {
		t.Run(file, func(t *testing.T) {
			s, err := Load(files("a.rego", eligible("allow := true"), file, veto))
			switch {
			case c.refusal != "":
				var at *FileError
				if !errors.As(err, &at) || !strings.HasPrefix(err.Error(), c.refusal) || !strings.Contains(err.Error(), "rename it") {
					t.Fatalf("error %v does not say %q", err, c.refusal)
				}
				return
			case err != nil:
				t.Fatal(err)
			case c.warning == "" && len(s.Warnings()) > 0:
				t.Errorf("warnings %q", s.Warnings())
			case c.warning != "" && (len(s.Warnings()) != 1 || !strings.HasPrefix(s.Warnings()[0], file+": is not read: "+c.warning)):
				t.Errorf("warnings %q, want one that says %q", s.Warnings(), c.warning)
			}
			if !slices.Equal(s.Files(), []string{"a.rego"}) {
				t.Errorf("files %q", s.Files())
			}
		})
	}
}

// TestLinkThatLooksLikeAPolicy is about links with such names.
func TestLinkThatLooksLikeAPolicy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files("a.rego", eligible("allow := true"), "README.md", "hello"))
	if err := os.Symlink("README.md", filepath.Join(dir, "freeze.rego.txt")); err != nil {
		t.Fatal(err)
	}
	if s, err := LoadDir(dir); err != nil || len(s.Warnings()) != 1 {
		t.Fatalf("set %v, error %v", s, err)
	}
	if err := os.Symlink(".", filepath.Join(dir, "team.rego.d")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "team.rego.d: is a link to a folder") {
		t.Fatalf("error %v", err)
	}
}

func TestHelpersOfOnesOwn(t *testing.T) {
	e := mustFixed(t, files("a.rego", eligible("import data.jitsudo.lib.ours\n\nallow if ours.good(input.request.role)"),
		"h.rego", "package jitsudo.lib.ours\n\ngood(role) if role == \"sample-role\"",
		"h_test.rego", "package jitsudo.lib.ours_test\n\nimport data.jitsudo.lib.ours\n\ntest_good if ours.good(\"sample-role\")"))
	if d := mustDecide(t, e, samples()[0]); !d.Allowed {
		t.Fatal(d.Reasons)
	}
}

// TestFolderHygiene is about what is on the disk, not in the files.
func TestFolderHygiene(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.rego")
	write(t, filepath.Dir(outside), files("secret.rego", eligible("allow := true")))
	for name, c := range map[string]struct {
		make func(dir string) error
		say  string
	}{
		"LinkOutOfTheFolderRefused": {func(d string) error { return os.Symlink(outside, filepath.Join(d, "a.rego")) }, "a.rego: cannot be read: path escapes"},
		"LinkToFolderRefused":       {func(d string) error { return os.Symlink(filepath.Dir(outside), filepath.Join(d, "more")) }, "is a link to a folder or to nowhere"},
		"LinkToNowhereRefused":      {func(d string) error { return os.Symlink("nowhere", filepath.Join(d, "a.rego")) }, "a.rego: cannot be read: no such file"},
		"NamedPipeRefused":          {func(d string) error { return syscall.Mkfifo(filepath.Join(d, "a.rego"), 0o600) }, "a.rego: is not a regular file"},
		"LinkedFolderWithinRefused": {func(d string) error {
			return errors.Join(os.Mkdir(filepath.Join(d, "x"), 0o755), os.Symlink("x", filepath.Join(d, "y")))
		}, "y: is a link to a folder"},
		"LinkInsideTheFolderFollowed": {configMap, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			s, err := LoadDir(dir)
			switch {
			case c.say == "" && (err != nil || len(s.Files()) != 1):
				t.Fatalf("files %v, error %v", s, err)
			case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
				t.Fatalf("error %v does not say %q", err, c.say)
			}
		})
	}
	if _, err := LoadDir(filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v", err)
	}
}

// configMap lays files out as a mounted ConfigMap has them: links to files in
// a hidden folder that is swapped as a whole.
func configMap(dir string) error {
	hidden := filepath.Join(dir, "..2026_03_04")
	return errors.Join(os.Mkdir(hidden, 0o755), os.WriteFile(filepath.Join(hidden, "a.rego"), []byte(eligible("allow := true")), 0o600),
		os.Symlink("..2026_03_04", filepath.Join(dir, "..data")), os.Symlink("..data/a.rego", filepath.Join(dir, "a.rego")))
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"alow": "allow", "alloww": "allow", "dney": "", "deney": "deny", "reasons": "reason", "allow": "", "unrelated": ""} {
		if got := nearest(word, asks(eligibility)); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, fsys := range []fs.FS{Default(), Demo()} {
		names, _ := fs.Glob(fsys, "*.rego")
		for _, n := range names {
			text, _ := fs.ReadFile(fsys, n)
			f.Add(string(text))
		}
	}
	f.Add(eligible("allow if"))
	f.Add(approve("deny contains x if some x in input.user.groups"))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Load(files("a.rego", text))
		var at *FileError
		switch {
		case err != nil && (!errors.As(err, &at) || s != nil):
			t.Fatalf("error %v names no file", err)
		case err == nil && len(s.Files()) == 0 && s.Revision() != "":
			t.Fatal("a revision without a policy")
		}
	})
}
