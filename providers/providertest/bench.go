package providertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// bench is one case at work: the fixture, and words to say what is expected.
type bench struct {
	*testing.T
	Fixture
}

// person is who the cases are about; nobody has anything before they begin.
const person = "alice@example.com"

// access makes a fresh access for the person, an hour long.
func (b *bench) access(t engine.Target) engine.Access {
	return engine.Access{ID: NewID(), Principal: person, Target: t, Deadline: b.Now().Add(time.Hour).UTC().Truncate(time.Second)}
}

func (b *bench) grant(a engine.Access) {
	b.Helper()
	if err := b.Provider.Grant(b.Context(), a); err != nil {
		b.Fatalf("grant %s: %v", a.ID, err)
	}
}

func (b *bench) revoke(a engine.Access) {
	b.Helper()
	if err := b.Provider.Revoke(b.Context(), a); err != nil {
		b.Fatalf("revoke %s: %v", a.ID, err)
	}
}

func (b *bench) wantSeen(a engine.Access, want engine.Presence) {
	b.Helper()
	got, err := b.Provider.Observe(b.Context(), a)
	if err != nil || got != want {
		b.Fatalf("observe %s: %s, %v; want %s", a.ID, word(got), err, word(want))
	}
}

func word(p engine.Presence) string {
	return [...]string{"unknown", "absent", "present", "foreign"}[p]
}

// wantAllowed asks the platform, until it has had the time to settle.
func (b *bench) wantAllowed(principal string, t engine.Target, want bool) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), max(b.Settle, time.Millisecond))
	defer cancel()
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for {
		got, err := b.Allowed(b.Context(), principal, t)
		if err != nil {
			b.Fatalf("ask the platform: %v", err)
		}
		if got == want {
			return
		}
		select {
		case <-ctx.Done():
			b.Fatalf("the platform allows %s %s on %s: %t, want %t", principal, t.Role, t.Scope, got, want)
		case <-pause.C:
		}
	}
}

func (b *bench) wantCount(want int) {
	b.Helper()
	got, err := b.Count(b.Context())
	if err != nil || got != want {
		b.Fatalf("the platform has %d objects of ours (%v), want %d", got, err, want)
	}
}

// wantRefused expects a sentence for a person, on the field when one is named.
func (b *bench) wantRefused(err error, field string) {
	b.Helper()
	var r *engine.Refusal
	if !errors.As(err, &r) || !errors.Is(err, engine.ErrInvalid) {
		b.Fatalf("got %v, want a refusal of kind invalid", err)
	}
	if len(r.Say) < 10 || (field != "" && (r.Field != field || r.Hint == "")) {
		b.Fatalf("the refusal says %q, on field %q, with the hint %q; want a sentence with a way out on %q", r.Say, r.Field, r.Hint, field)
	}
}
