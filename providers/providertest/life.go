package providertest

import (
	"errors"
	"sync"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var life = []check{
	{"given_is_allowed_and_taken_is_refused", func(b *bench) {
		a := b.access(b.Targets[0])
		b.wantAllowed(person, a.Target, false)
		b.wantSeen(a, engine.Absent)
		b.grant(a)
		b.wantSeen(a, engine.Present)
		b.wantAllowed(person, a.Target, true)
		b.wantAllowed("bob@example.com", a.Target, false)
		b.revoke(a)
		b.wantSeen(a, engine.Absent)
		b.wantAllowed(person, a.Target, false)
		b.wantCount(0)
	}},
	{"granting_twice_is_one_access", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		b.grant(a)
		b.wantCount(1)
		b.revoke(a)
		b.wantAllowed(person, a.Target, false)
	}},
	{"revoking_twice_succeeds", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		b.revoke(a)
		b.revoke(a)
		b.wantSeen(a, engine.Absent)
	}},
	{"revoking_what_never_was_succeeds", func(b *bench) {
		other := b.access(b.Targets[0])
		b.grant(other)
		b.revoke(b.access(b.Targets[0]))
		b.wantSeen(other, engine.Present)
		b.wantAllowed(person, other.Target, true)
	}},
	{"G5_same_request_with_another_target_is_refused", func(b *bench) {
		a := b.access(b.Targets[0])
		b.grant(a)
		wider := a
		wider.Target = b.Targets[1]
		b.wantRefused(b.Provider.Grant(b.Context(), wider), "")
		b.wantAllowed(person, b.Targets[1], false)
		other := a
		other.Principal = "mallory@example.com"
		b.wantRefused(b.Provider.Grant(b.Context(), other), "")
		b.wantAllowed(other.Principal, a.Target, false)
		b.wantCount(1)
	}},
	{"G7_of_two_overlapping_accesses_one_outlives_the_other", func(b *bench) {
		first, second := b.access(b.Targets[0]), b.access(b.Targets[0])
		b.grant(first)
		b.grant(second)
		b.revoke(first)
		b.wantSeen(first, engine.Absent)
		b.wantSeen(second, engine.Present)
		b.wantAllowed(person, second.Target, true)
		b.revoke(second)
		b.wantAllowed(person, second.Target, false)
	}},
	{"G1_access_without_a_future_deadline_is_refused", func(b *bench) {
		for _, deadline := range []time.Time{{}, b.Now().Add(-time.Second)} {
			a := b.access(b.Targets[0])
			a.Deadline = deadline
			b.wantRefused(b.Provider.Grant(b.Context(), a), "")
			b.wantAllowed(person, a.Target, false)
		}
		b.wantCount(0)
	}},
	{"longest_names_are_taken", func(b *bench) {
		a := b.access(b.Longest.Target)
		a.Principal = b.Longest.Principal
		if err := b.Provider.Check(b.Context(), a.Target); err != nil {
			b.Fatalf("check: %v", err)
		}
		b.grant(a)
		b.wantAllowed(a.Principal, a.Target, true)
		b.revoke(a)
		b.wantAllowed(a.Principal, a.Target, false)
		b.wantCount(0)
	}},
	{"many_accesses_live_at_once", manyHandles},
	{"G5_nonsense_is_refused_with_a_way_out", nonsense},
}

func manyHandles(b *bench) {
	all := make([]engine.Access, b.Handles)
	for i := range all {
		all[i] = b.access(b.Targets[i%2])
	}
	b.inParallel(all, func(a engine.Access) error { return b.Provider.Grant(b.Context(), a) })
	b.wantCount(b.Handles)
	b.inParallel(all[1:], func(a engine.Access) error { return b.Provider.Revoke(b.Context(), a) })
	b.wantCount(1)
	b.wantSeen(all[0], engine.Present)
	b.wantSeen(all[1], engine.Absent)
	b.wantAllowed(person, b.Targets[0], true)
	b.wantAllowed(person, b.Targets[1], false)
}

// inParallel does something with every access, eight at a time.
func (b *bench) inParallel(all []engine.Access, do func(engine.Access) error) {
	b.Helper()
	const hands = 8
	work := make(chan engine.Access)
	failed := make([]error, hands)
	var group sync.WaitGroup
	for i := range hands {
		group.Go(func() {
			for a := range work {
				failed[i] = errors.Join(failed[i], do(a))
			}
		})
	}
	for _, a := range all {
		work <- a
	}
	close(work)
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		b.Fatal(err)
	}
}

func nonsense(b *bench) {
	for _, t := range b.Targets {
		if err := b.Provider.Check(b.Context(), t); err != nil {
			b.Errorf("check of %+v: %v", t, err)
		}
	}
	for what, n := range b.Nonsense {
		b.wantRefused(b.Provider.Check(b.Context(), n.Target), n.Field)
		if err := b.Provider.Grant(b.Context(), b.access(n.Target)); err == nil {
			b.Errorf("%s: granted", what)
		}
	}
	a := b.access(b.Targets[0])
	for _, who := range []string{"", "two words@example.com", "Alice@Example.com", "a\x00b", "a\u202eb"} {
		a.Principal = who
		b.wantRefused(b.Provider.Grant(b.Context(), a), "")
	}
	a.Principal = person
	for _, id := range []string{"", "req_", "../../x", "req_\n", "req_" + string(make([]byte, 26))} {
		a.ID = id
		b.wantRefused(b.Provider.Grant(b.Context(), a), "")
	}
	b.wantCount(0)
}
