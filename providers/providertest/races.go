package providertest

import (
	"sync"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var races = []check{
	{"two_grants_at_once_are_one_access", func(b *bench) {
		a := b.access(b.Targets[0])
		b.inParallel([]engine.Access{a, a, a, a, a, a, a, a}, func(a engine.Access) error {
			return b.Provider.Grant(b.Context(), a)
		})
		b.wantSeen(a, engine.Present)
		b.wantCount(1)
		b.wantAllowed(person, a.Target, true)
	}},
	{"two_revokes_at_once_both_succeed", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		b.inParallel([]engine.Access{a, a, a, a, a, a, a, a}, func(a engine.Access) error {
			return b.Provider.Revoke(b.Context(), a)
		})
		b.wantSeen(a, engine.Absent)
		b.wantAllowed(person, a.Target, false)
	}},
	{"R1_grant_and_revoke_at_once_end_absent_after_a_last_revoke", func(b *bench) {
		a := b.access(b.Targets[0])
		for range 10 {
			var group sync.WaitGroup
			group.Go(func() { _ = b.Provider.Grant(b.Context(), a) })
			group.Go(func() { _ = b.Provider.Revoke(b.Context(), a) })
			group.Go(func() { _ = b.Provider.Grant(b.Context(), a) })
			group.Wait()
			b.revoke(a)
			b.wantSeen(a, engine.Absent)
		}
		b.wantCount(0)
		b.wantAllowed(person, a.Target, false)
	}},
}
