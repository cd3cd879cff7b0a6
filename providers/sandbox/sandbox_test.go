package sandbox_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/providertest"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, o sandbox.Options) *sandbox.Cloud {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	c, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func access(role, scope string) engine.Access {
	return engine.Access{
		ID: providertest.NewID(), Principal: "alice@example.com", Deadline: noon.Add(time.Hour),
		Target: target(role, scope),
	}
}

func TestProviderContract(t *testing.T) {
	for _, kept := range []string{"in_memory", "in_a_file"} {
		t.Run(kept, func(t *testing.T) {
			providertest.Run(t, func(t *testing.T) providertest.Fixture {
				file := ""
				if kept == "in_a_file" {
					file = filepath.Join(t.TempDir(), "cloud.json")
				}
				return fixture(t, file)
			})
		})
	}
}

func fixture(t *testing.T, file string) providertest.Fixture {
	var fault atomic.Pointer[sandbox.Fault]
	fault.Store(&sandbox.Fault{})
	set := func(f sandbox.Fault) func() func() {
		return func() func() { fault.Store(&f); return func() { fault.Store(&sandbox.Fault{}) } }
	}
	const longest = "a-name-of-sixty-four-characters--------------------------------x"
	roles := append(sandbox.DefaultRoles(), sandbox.Role{Name: longest, Verbs: []string{"read"}})
	c := open(t, sandbox.Options{
		File: file, Roles: roles, Scopes: append(sandbox.DefaultScopes(), longest),
		Fault: func(string, engine.Access) sandbox.Fault { return *fault.Load() },
	})
	handles := map[bool]int{true: 1000, false: 50}[file == ""] // in a file each one is a write to the disk
	return providertest.Fixture{
		Provider: c, Now: func() time.Time { return noon }, Handles: handles,
		Targets:  []engine.Target{target("editor", "staging"), target("admin", "prod")},
		Longest:  providertest.Longest{Principal: strings.Repeat("a", 242) + "@example.com", Target: target(longest, longest)},
		Nonsense: nonsense(),
		Allowed: func(_ context.Context, who string, t engine.Target) (bool, error) {
			for _, r := range roles {
				if r.Name == t.Role {
					return c.Try(who, t.Scope, r.Verbs[len(r.Verbs)-1]), nil
				}
			}
			return false, nil
		},
		PlantForeign: func(_ context.Context, a engine.Access) (func() (bool, error), error) {
			b := sandbox.Binding{
				Name: "jit-" + strings.ToLower(a.ID[4:]), Owner: "terraform", Since: noon,
				Principal: a.Principal, Role: a.Target.Role, Scope: a.Target.Scope,
			}
			return func() (bool, error) { return find(c, b.Name) == b, nil }, c.Plant(b)
		},
		PlantStanding: func(_ context.Context, a engine.Access) error {
			return c.Plant(sandbox.Binding{Name: "standing", Owner: "terraform", Principal: a.Principal, Role: a.Target.Role, Scope: a.Target.Scope})
		},
		LoseAnswers: set(sandbox.Fault{FailAfter: errors.New("connection cut")}),
		Blind:       set(sandbox.Fault{Fail: errors.New("you may not look")}),
		Count: func(context.Context) (int, error) {
			n := 0
			for _, b := range c.Bindings() {
				if b.Owner == sandbox.Owner {
					n++
				}
			}
			return n, nil
		},
	}
}

func target(role, scope string) engine.Target {
	return engine.Target{Provider: "sandbox", Role: role, Scope: scope}
}

func nonsense() map[string]providertest.Nonsense {
	return map[string]providertest.Nonsense{
		"no role":       {Target: target("", "prod"), Field: "role"},
		"unknown role":  {Target: target("owner", "prod"), Field: "role"},
		"role in caps":  {Target: target("VIEWER", "prod"), Field: "role"},
		"no scope":      {Target: target("viewer", ""), Field: "scope"},
		"unknown scope": {Target: target("viewer", "prod "), Field: "scope"},
		"wild scope":    {Target: target("viewer", "*"), Field: "scope"},
		"hostile role":  {Target: target("<!channel>\u202e\x00"+strings.Repeat("x", 9999), "prod"), Field: "role"},
	}
}

func find(c *sandbox.Cloud, name string) sandbox.Binding {
	for _, b := range c.Bindings() {
		if b.Name == name {
			return b
		}
	}
	return sandbox.Binding{}
}

func TestFile_WhatWasThereIsThereAfterARestart(t *testing.T) {
	o := sandbox.Options{File: filepath.Join(t.TempDir(), "cloud.json")}
	before := open(t, o)
	gone, stays := access("viewer", "prod"), access("editor", "prod")
	for _, a := range []engine.Access{gone, stays} {
		if err := before.Grant(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := before.Revoke(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	after := open(t, o)
	if !reflect.DeepEqual(after.Bindings(), before.Bindings()) || len(after.Bindings()) != 1 {
		t.Errorf("after the restart there is %+v, before it %+v", after.Bindings(), before.Bindings())
	}
	if len(after.History()) != 3 || after.History()[0].Given {
		t.Errorf("the history is %+v", after.History())
	}
	if !after.Try("alice@example.com", "prod", "write") {
		t.Error("the access did not survive")
	}
	if err := after.Revoke(t.Context(), stays); err != nil || len(open(t, o).Bindings()) != 0 {
		t.Errorf("revoke after the restart: %v", err)
	}
	info, err := os.Stat(o.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

func TestFile_WhatCannotBeWrittenDidNotHappen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	c := open(t, sandbox.Options{File: filepath.Join(dir, "cloud.json")})
	a := access("viewer", "prod")
	if err := c.Grant(t.Context(), a); err == nil {
		t.Fatal("granted without a file to remember it")
	}
	if seen, _ := c.Observe(t.Context(), a); seen != engine.Absent || len(c.History()) != 0 {
		t.Errorf("seen: %v", seen)
	}
}

func TestFile_DamagedOnesAreRefused(t *testing.T) {
	for what, content := range map[string]string{"empty": "", "cut": `{"format": 1, "bind`, "of_another_format": `{"format": 2}`, "no_object": `[]`} {
		t.Run(what, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "cloud.json")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := sandbox.New(sandbox.Options{File: file}); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	var fault sandbox.Fault
	c := open(t, sandbox.Options{Fault: func(string, engine.Access) sandbox.Fault { return fault }})
	a := access("viewer", "prod")
	broken := errors.New("broken")
	cases := []struct {
		name    string
		fault   sandbox.Fault
		wantErr error
		there   bool
	}{
		{"failing_does_nothing", sandbox.Fault{Fail: broken}, broken, false},
		{"pretending_does_nothing_and_succeeds", sandbox.Fault{Pretend: true}, nil, false},
		{"failing_after_does_it", sandbox.Fault{FailAfter: broken}, broken, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			fault = tc.fault
			if err := c.Grant(t.Context(), a); !errors.Is(err, tc.wantErr) {
				t.Errorf("grant: %v", err)
			}
			if there := c.Try(a.Principal, "prod", "read"); there != tc.there {
				t.Errorf("there: %t", there)
			}
			fault = sandbox.Fault{}
			if err := c.Revoke(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("lying_is_believed", func(t *testing.T) {
		fault = sandbox.Fault{See: engine.Present}
		if seen, err := c.Observe(t.Context(), a); seen != engine.Present || err != nil {
			t.Errorf("observe: %v, %v", seen, err)
		}
	})
}

func TestFaults_HangingEndsWithTheContextAndMayHaveDoneIt(t *testing.T) {
	var fault sandbox.Fault
	c := open(t, sandbox.Options{Fault: func(string, engine.Access) sandbox.Fault { return fault }})
	a := access("viewer", "prod")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	fault = sandbox.Fault{Hang: true}
	if err := c.Grant(ended, a); !errors.Is(err, context.Canceled) || c.Try(a.Principal, "prod", "read") {
		t.Errorf("grant: %v", err)
	}
	fault = sandbox.Fault{HangAfter: true}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	answered := make(chan error, 1)
	given := c.Changed()
	go func() { answered <- c.Grant(ctx, a) }()
	<-given
	end()
	if err := <-answered; !errors.Is(err, context.Canceled) || !c.Try(a.Principal, "prod", "read") {
		t.Errorf("grant: %v", err)
	}
}

func TestNew_NamesThatCannotBeAreRefused(t *testing.T) {
	for what, o := range map[string]sandbox.Options{
		"scope_with_a_space":  {Scopes: []string{"two words"}},
		"empty_role":          {Roles: []sandbox.Role{{}}},
		"frame_with_a_second": {Frames: []string{"https://a.example; script-src *"}},
	} {
		if _, err := sandbox.New(o); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

// FuzzGrant holds that whatever is asked for, nobody gets more than was named.
func FuzzGrant(f *testing.F) {
	f.Add("req_01ABC", "alice@example.com", "viewer", "prod")
	f.Add("req_", "", "*", "../prod")
	f.Add("req_\x00", "ALICE@example.com", "admin\u202e", "prod\n")
	f.Fuzz(func(t *testing.T, id, who, role, scope string) {
		c := open(t, sandbox.Options{})
		target := engine.Target{Role: role, Scope: scope}
		a := engine.Access{ID: id, Principal: who, Target: target, Deadline: noon.Add(time.Hour)}
		checked := c.Check(t.Context(), target)
		given := c.Grant(t.Context(), a)
		if given == nil && (checked != nil || len(c.Bindings()) != 1) {
			t.Fatalf("granted %+v against %v", a, checked)
		}
		if given != nil && (engine.Explain(given) == "" || len(c.Bindings()) != 0) {
			t.Fatalf("refused with %v, and yet there is %+v", given, c.Bindings())
		}
		if err := c.Revoke(t.Context(), a); err != nil || len(c.Bindings()) != 0 {
			t.Fatalf("revoke: %v", err)
		}
	})
}
