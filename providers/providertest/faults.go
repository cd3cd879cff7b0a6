package providertest

import (
	"context"
	"errors"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var faults = []check{
	{"G3_grant_whose_answer_was_lost_is_one_access_and_can_be_taken", func(b *bench) {
		a := b.access(b.Targets[0])
		restore := b.LoseAnswers()
		err := b.Provider.Grant(b.Context(), a)
		restore()
		if err == nil || errors.Is(err, engine.ErrInvalid) || errors.Is(err, engine.ErrForbidden) {
			b.Fatalf("grant without an answer: %v; want an error that leaves it open", err)
		}
		b.wantSeen(a, engine.Present)
		b.wantAllowed(person, a.Target, true)
		b.grant(a)
		b.wantCount(1)
		b.revoke(a)
		b.wantAllowed(person, a.Target, false)
	}},
	{"R2_revoke_whose_answer_was_lost_is_an_error_and_can_be_repeated", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		restore := b.LoseAnswers()
		err := b.Provider.Revoke(b.Context(), a)
		restore()
		if err == nil {
			b.Fatal("revoke without an answer passed for success")
		}
		b.revoke(a)
		b.wantSeen(a, engine.Absent)
		b.wantAllowed(person, a.Target, false)
	}},
	{"R1_what_cannot_be_seen_is_not_gone", func(b *bench) {
		a, never := b.access(b.Targets[0]), b.access(b.Targets[0])
		b.grant(a)
		restore := b.Blind()
		for _, x := range []engine.Access{a, never} {
			if seen, err := b.Provider.Observe(b.Context(), x); err == nil || seen != engine.Unknown {
				b.Errorf("blind observe: %s, %v; want an error", word(seen), err)
			}
			if err := b.Provider.Revoke(b.Context(), x); err == nil {
				b.Error("blind revoke passed for success")
			}
		}
		if l, ok := b.Provider.(engine.Lister); ok {
			if all, err := l.List(b.Context()); err == nil {
				b.Errorf("blind list: %v, want an error", all)
			}
		}
		restore()
		b.wantSeen(a, engine.Present)
	}},
	{"ended_context_is_an_error_and_nothing_else", func(b *bench) {
		a := b.access(b.Targets[0])
		ended, cancel := context.WithCancel(b.Context())
		cancel()
		if err := b.Provider.Grant(ended, a); !errors.Is(err, context.Canceled) {
			b.Errorf("grant: %v", err)
		}
		b.wantSeen(a, engine.Absent)
		b.grant(a)
		if err := b.Provider.Revoke(ended, a); !errors.Is(err, context.Canceled) {
			b.Errorf("revoke: %v", err)
		}
		if seen, err := b.Provider.Observe(ended, a); !errors.Is(err, context.Canceled) || seen != engine.Unknown {
			b.Errorf("observe: %s, %v", word(seen), err)
		}
		err := b.Provider.Check(ended, a.Target)
		if !errors.Is(err, context.Canceled) || errors.Is(err, engine.ErrInvalid) {
			b.Errorf("check: %v", err)
		}
		b.wantSeen(a, engine.Present)
		b.wantAllowed(person, a.Target, true)
	}},
}
