// Package storetest is the contract of [engine.Store] as a test: a store is
// finished when [Run] passes. It also has [Flaky], a store that fails when told
// to, for the tests of those who use one.
//
// It must know nothing of any particular store.
package storetest

import (
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Run holds a store to every promise of the port. open returns an empty store
// of its own for each test and closes it when that ends.
func Run(t *testing.T, open func(t *testing.T) engine.Store) {
	groups := []struct {
		name  string
		cases []kase
	}{
		{"Create", createCases},
		{"Update", updateCases},
		{"List", listCases},
		{"Claim", claimCases},
		{"Log", logCases},
		{"Events", eventCases},
		{"Advance", advanceCases},
		{"Context", contextCases},
		{"Concurrent", concurrentCases},
		{"Model", modelCases},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) { c.check(t, open(t)) })
			}
		})
	}
}

// kase is one promise.
type kase struct {
	name  string
	check func(t *testing.T, s engine.Store)
}
