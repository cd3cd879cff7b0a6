package providertest

import (
	"github.com/jitsudo-chat/jitsudo/engine"
)

var strangers = []check{
	{"G6_foreign_object_of_our_name_is_seen_and_survives", func(b *bench) {
		a := b.access(b.Targets[0])
		untouched, err := b.PlantForeign(b.Context(), a)
		if err != nil {
			b.Fatalf("plant: %v", err)
		}
		b.wantSeen(a, engine.Foreign)
		b.wantRefused(b.Provider.Grant(b.Context(), a), "")
		b.revoke(a)
		b.wantSeen(a, engine.Foreign)
		if still, err := untouched(); err != nil || !still {
			b.Fatalf("the foreign object is untouched: %t (%v)", still, err)
		}
		b.wantCount(0)
	}},
	{"G6_standing_access_is_neither_ours_nor_taken", func(b *bench) {
		a := b.access(b.Targets[0])
		if err := b.PlantStanding(b.Context(), a); err != nil {
			b.Fatalf("plant: %v", err)
		}
		b.wantAllowed(person, a.Target, true)
		if seen, err := b.Provider.Observe(b.Context(), a); err != nil || seen == engine.Present {
			b.Fatalf("observe: %s, %v; somebody else's access passes for ours", word(seen), err)
		}
		b.grant(a)
		b.wantSeen(a, engine.Present)
		b.revoke(a)
		if seen, err := b.Provider.Observe(b.Context(), a); err != nil || seen == engine.Present {
			b.Fatalf("observe after revoke: %s, %v", word(seen), err)
		}
		b.wantAllowed(person, a.Target, true)
	}},
	{"G6_foreign_object_in_the_place_of_ours_survives", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		b.revoke(a)
		untouched, err := b.PlantForeign(b.Context(), a)
		if err != nil {
			b.Fatalf("plant: %v", err)
		}
		b.revoke(a)
		if still, err := untouched(); err != nil || !still {
			b.Fatalf("the foreign object is untouched: %t (%v)", still, err)
		}
	}},
}
