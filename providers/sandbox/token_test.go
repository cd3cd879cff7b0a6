package sandbox_test

import (
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

func mint(t *testing.T, c *sandbox.Cloud, a engine.Access) (token string, ends time.Time) {
	t.Helper()
	made, err := c.Mint(t.Context(), a)
	if err != nil || len(made.Values) != 1 || made.Values[0].Name != sandbox.TokenName {
		t.Fatalf("mint: %+v, %v", made, err)
	}
	return made.Values[0].Reveal(), made.ExpiresAt
}

func TestToken_LivesExactlyAsLongAsItMay(t *testing.T) {
	now := noon
	c := open(t, sandbox.Options{Now: func() time.Time { return now }})
	a, other := access("editor", "prod"), access("viewer", "staging")
	for _, x := range []engine.Access{a, other} {
		if err := c.Grant(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	token, ends := mint(t, c, a)
	allowed := func(when string, want bool) {
		t.Helper()
		if got := c.TryToken(token, "prod", "write"); got != want {
			t.Errorf("%s: allowed %t", when, got)
		}
	}
	allowed("at once", true)
	if c.TryToken(token, "staging", "read") {
		t.Error("the token speaks for another binding of the same person")
	}
	if c.TryToken(token, "prod", "delete") || c.TryToken("", "prod", "write") || c.TryToken(token+"x", "prod", "write") {
		t.Error("more is allowed than was given")
	}
	now = ends.Add(-time.Nanosecond)
	allowed("just before the deadline", true)
	now = ends
	allowed("at the deadline", false)
	if !c.Try(a.Principal, "prod", "write") {
		t.Error("the binding went by itself")
	}
	if _, err := c.Mint(t.Context(), a); err == nil {
		t.Error("minted past the deadline")
	}
}

func TestToken_DiesWithItsBindingForGood(t *testing.T) {
	c := open(t, sandbox.Options{})
	a := access("editor", "prod")
	for range 2 {
		if err := c.Grant(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	token, _ := mint(t, c, a)
	if err := c.Revoke(t.Context(), a); err != nil || c.TryToken(token, "prod", "write") {
		t.Fatalf("alive after revoke (%v)", err)
	}
	if err := c.Grant(t.Context(), a); err != nil || c.TryToken(token, "prod", "write") {
		t.Fatalf("revived by a new binding (%v)", err)
	}
}

func TestToken_OldestGoesWhenThereAreTooMany(t *testing.T) {
	now := noon
	c := open(t, sandbox.Options{Now: func() time.Time { now = now.Add(time.Millisecond); return now }})
	a := access("editor", "prod")
	if err := c.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	first, _ := mint(t, c, a)
	var second, last string
	for i := range 20 {
		if last, _ = mint(t, c, a); i == 0 {
			second = last
		}
	}
	if c.TryToken(first, "prod", "write") || !c.TryToken(second, "prod", "write") || !c.TryToken(last, "prod", "write") {
		t.Error("not the oldest one went, or more than one")
	}
}
