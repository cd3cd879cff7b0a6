package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// The parts that can have a trouble, besides the doors.
const (
	partPolicies = "policies"
	partSlack    = "slack"
)

// troubles is what is wrong just now, by part. The zero troubles are none.
type troubles struct {
	mu  sync.Mutex
	all map[string]error
}

// set notes that a part has a trouble, or none any more.
func (t *troubles) set(part string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		delete(t.all, part)
		return
	}
	if t.all == nil {
		t.all = map[string]error{}
	}
	t.all[part] = fmt.Errorf("%s: %w", part, err)
}

// first returns one of the troubles, always the same of several.
func (t *troubles) first() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, part := range slices.Sorted(maps.Keys(t.all)) {
		return t.all[part]
	}
	return nil
}
