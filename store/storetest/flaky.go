package storetest

import (
	"context"
	"sync"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Method names a method of a store.
type Method string

// The methods that can be made to fail.
const (
	Create  Method = "Create"
	Get     Method = "Get"
	List    Method = "List"
	Update  Method = "Update"
	Claim   Method = "Claim"
	Append  Method = "Append"
	Events  Method = "Events"
	Head    Method = "Head"
	Advance Method = "Advance"
)

// Fault is what goes wrong with one call. The zero Fault lets it through.
type Fault struct {
	// Before is returned instead of doing anything: the disk is full.
	Before error
	// After is returned although it was done: the answer was lost.
	After error
	// Twice runs the change of an Update once for nothing before it counts, as
	// a store may.
	Twice bool
}

// Flaky is a store that fails when told to.
type Flaky struct {
	engine.Store

	mu     sync.Mutex
	faults map[Method][]Fault
	always map[Method]error
}

// NewFlaky wraps a store that works.
func NewFlaky(s engine.Store) *Flaky {
	return &Flaky{Store: s, faults: map[Method][]Fault{}, always: map[Method]error{}}
}

// Next sets what goes wrong with the next calls of a method, one each.
func (f *Flaky) Next(m Method, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[m] = append(f.faults[m], faults...)
}

// Down makes every call of the methods (all of them when none is named) fail
// with err, until Down(nil).
func (f *Flaky) Down(err error, methods ...Method) {
	if len(methods) == 0 {
		methods = []Method{Create, Get, List, Update, Claim, Append, Events, Head, Advance}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range methods {
		f.always[m] = err
	}
}

func (f *Flaky) fault(m Method) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.always[m]; err != nil {
		return Fault{Before: err}
	}
	if len(f.faults[m]) == 0 {
		return Fault{}
	}
	next := f.faults[m][0]
	f.faults[m] = f.faults[m][1:]
	return next
}

// call runs one call with its fault.
func (f *Flaky) call(m Method, do func() error) error {
	fault := f.fault(m)
	if fault.Before != nil {
		return fault.Before
	}
	if err := do(); err != nil {
		return err
	}
	return fault.After
}

// Create implements [engine.Store].
func (f *Flaky) Create(ctx context.Context, r engine.Request, events ...engine.Event) error {
	return f.call(Create, func() error { return f.Store.Create(ctx, r, events...) })
}

// Get implements [engine.Store].
func (f *Flaky) Get(ctx context.Context, id string) (r engine.Request, err error) {
	err = f.call(Get, func() (err error) { r, err = f.Store.Get(ctx, id); return err })
	return r, err
}

// List implements [engine.Store].
func (f *Flaky) List(ctx context.Context, q engine.Filter) (p engine.Page, err error) {
	err = f.call(List, func() (err error) { p, err = f.Store.List(ctx, q); return err })
	return p, err
}

// Update implements [engine.Store].
func (f *Flaky) Update(ctx context.Context, id string, change func(*engine.Request) ([]engine.Event, error)) (engine.Request, error) {
	fault := f.fault(Update)
	if fault.Before != nil {
		return engine.Request{}, fault.Before
	}
	r, err := f.Store.Update(ctx, id, func(r *engine.Request) ([]engine.Event, error) {
		if fault.Twice {
			rehearsal := r.Clone()
			_, _ = change(&rehearsal)
		}
		return change(r)
	})
	if err == nil && fault.After != nil {
		return engine.Request{}, fault.After
	}
	return r, err
}

// Claim implements [engine.Store].
func (f *Flaky) Claim(ctx context.Context, q engine.Queue, now time.Time, lease time.Duration) (r engine.Request, next time.Time, err error) {
	err = f.call(Claim, func() (err error) { r, next, err = f.Store.Claim(ctx, q, now, lease); return err })
	return r, next, err
}

// Append implements [engine.Store].
func (f *Flaky) Append(ctx context.Context, events ...engine.Event) error {
	return f.call(Append, func() error { return f.Store.Append(ctx, events...) })
}

// Events implements [engine.Store].
func (f *Flaky) Events(ctx context.Context, q engine.EventFilter) (p engine.EventPage, err error) {
	err = f.call(Events, func() (err error) { p, err = f.Store.Events(ctx, q); return err })
	return p, err
}

// Head implements [engine.Store].
func (f *Flaky) Head(ctx context.Context) (h engine.Head, err error) {
	err = f.call(Head, func() (err error) { h, err = f.Store.Head(ctx); return err })
	return h, err
}

// Advance implements [engine.Store].
func (f *Flaky) Advance(ctx context.Context, m engine.Moment) (latest engine.Moment, err error) {
	err = f.call(Advance, func() (err error) { latest, err = f.Store.Advance(ctx, m); return err })
	return latest, err
}
