package engine_test

import (
	"strings"
	"testing"
)

func TestSilentPackageIsSeen(t *testing.T) {
	silent := mustParseGo(t, "bot/a.go", "package bot\n")
	speaking := mustParseGo(t, "bot/b.go", "// Package bot owns words.\npackage bot\n")
	if got := withoutComment([]goFile{silent}); len(got) != 1 {
		t.Errorf("a package without a comment: %q, want one complaint", got)
	}
	if got := withoutComment([]goFile{silent, speaking}); len(got) != 0 {
		t.Errorf("one file of two has the comment: %q, want none", got)
	}
}

func TestBrokenHouseRuleIsSeen(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\n", n) }
	cases := map[string]struct {
		check      houseRule
		path, text string
		complaints int
	}{
		"a function of 51 lines":            {shortFunctions, "bot/a.go", "func f() {" + lines(50) + "}", 1},
		"a function of 50 lines":            {shortFunctions, "bot/a.go", "func f() {" + lines(49) + "}", 0},
		"a long function of a test":         {shortFunctions, "bot/a_test.go", "func f() {" + lines(50) + "}", 0},
		"five parameters":                   {shortFunctions, "bot/a.go", "func f(a, b, c, d, e int) {}", 1},
		"four parameters and a context":     {shortFunctions, "bot/a.go", "func f(ctx context.Context, a, b, c, d int) {}", 0},
		"a file of 301 lines":               {shortFiles, "bot/a.go", lines(300), 1},
		"a file of 300 lines":               {shortFiles, "bot/a.go", lines(299), 0},
		"an interface of eight methods":     {narrowInterfaces, "bot/a.go", "type t interface{ a();b();c();d();e();f();g();h() }", 1},
		"an interface of seven methods":     {narrowInterfaces, "bot/a.go", "type t interface{ a();b();c();d();e();f();g() }", 0},
		"an init function":                  {noInit, "bot/a.go", "func init() {}", 1},
		"a method called init":              {noInit, "bot/a.go", "func (t) init() {}", 0},
		"a goroutine in the engine":         {noLooseGoroutines, "engine/a.go", "func f() { go f() }", 1},
		"a goroutine in a store":            {noLooseGoroutines, "store/bolt/a.go", "func f() { go func() {}() }", 1},
		"a goroutine in a test":             {noLooseGoroutines, "engine/a_test.go", "func f() { go f() }", 0},
		"a goroutine in a contract":         {noLooseGoroutines, "store/storetest/a.go", "func f() { go f() }", 0},
		"a goroutine in main":               {noLooseGoroutines, "cmd/jitsudod/a.go", "func f() { go f() }", 0},
		"the wall clock in the engine":      {engineTime, "engine/a.go", "var now = time.Now", 1},
		"a time since in the engine":        {engineTime, "engine/a.go", "func f() { time.Since(x) }", 1},
		"the wall clock in its place":       {engineTime, "engine/clock.go", "var now = time.Now", 0},
		"a moment compared with another":    {engineTime, "engine/a.go", "func f() { a.After(b) }", 0},
		"the wall clock in a provider":      {engineTime, "providers/aws/a.go", "var now = time.Now", 0},
		"a package called after no subject": {namedBySubject, "bot/util/a.go", "", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := "package p\n" + c.text
			if strings.Contains(c.path, "util/") {
				text = "package util\n"
			}
			if got := c.check(mustParseGo(t, c.path, text)); len(got) != c.complaints {
				t.Errorf("%d complaints %q, want %d", len(got), got, c.complaints)
			}
		})
	}
}
