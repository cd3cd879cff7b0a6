package providertest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Fixture is one fresh platform with a provider to it, and the hooks through
// which the suite sees and disturbs that platform. Every field is needed unless
// it says otherwise.
type Fixture struct {
	Provider engine.Provider
	// Now is the clock that the provider and the platform go by.
	Now func() time.Time
	// Targets are two or more that make sense and differ in what they allow.
	Targets []engine.Target
	// Longest are a principal and a target whose names are as long as the
	// platform takes them.
	Longest Longest
	// Nonsense are targets that make none, by the name of the case.
	Nonsense map[string]Nonsense
	// Handles is how many accesses must be able to live at once.
	Handles int
	// Settle is how long the platform may take to enforce a change.
	Settle time.Duration

	// Allowed says what the platform really lets the principal do: true when
	// something that the target's role allows on its scope is allowed.
	Allowed func(ctx context.Context, principal string, target engine.Target) (bool, error)
	// PlantForeign makes an object of somebody else under the very name that a's
	// would have, and gives back whether it is still there as it was made.
	PlantForeign func(ctx context.Context, a engine.Access) (untouched func() (bool, error), err error)
	// PlantStanding gives the same principal the same role on the same scope, as
	// somebody else, under another name.
	PlantStanding func(ctx context.Context, a engine.Access) error
	// LoseAnswers makes the platform do what it is asked for and answer with an
	// error, until the returned function is called.
	LoseAnswers func() (restore func())
	// Blind takes from the provider the right to see, until the returned
	// function is called.
	Blind func() (restore func())
	// Count says how many objects that jitsudo made are on the platform.
	Count func(ctx context.Context) (int, error)
}

// Longest is the longest that is legal.
type Longest struct {
	Principal string
	Target    engine.Target
}

// Nonsense is a target that must be refused because of one field.
type Nonsense struct {
	Target engine.Target
	Field  string // role or scope
}

// Run holds a provider to its contract; fresh makes a platform for each case.
func Run(t *testing.T, fresh func(t *testing.T) Fixture) {
	for _, group := range [][]check{life, races, strangers, faults, abilities} {
		for _, c := range group {
			t.Run(c.outcome, func(t *testing.T) {
				f := fresh(t)
				f.complete(t)
				c.run(&bench{T: t, Fixture: f})
			})
		}
	}
}

// check is one sentence of the contract.
type check struct {
	outcome string
	run     func(b *bench)
}

func (f Fixture) complete(t *testing.T) {
	t.Helper()
	if f.Provider == nil || f.Now == nil || len(f.Targets) < 2 || len(f.Nonsense) == 0 || f.Handles < 2 || f.Longest.Principal == "" {
		t.Fatal("the fixture lacks a value")
	}
	if f.Allowed == nil || f.PlantForeign == nil || f.PlantStanding == nil || f.LoseAnswers == nil || f.Blind == nil || f.Count == nil {
		t.Fatal("the fixture lacks a hook")
	}
}

// NewID makes a fresh request ID, as the engine does.
func NewID() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	raw := make([]byte, 25)
	_, _ = rand.Read(raw) // never fails
	id := []byte("req_0")
	for _, b := range raw {
		id = append(id, alphabet[b%32])
	}
	return string(id)
}
