package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Platform is one configured provider and its caps.
type Platform struct {
	Provider    Provider
	MaxDuration time.Duration // the longest access it gives; 0 means no cap of its own
}

// Limits are the engine's own bounds; no policy can lift them. Zero fields take
// the default that stands beside them; a negative one means no limit where that
// makes sense (PendingPerPerson, RatePerPerson, WarnBefore).
type Limits struct {
	PendingFor       time.Duration // how long a request waits for a decision: 24 h
	MaxDuration      time.Duration // the longest access: 8 h
	MinDuration      time.Duration // the shortest access: 1 s
	BreakGlassMax    time.Duration // the longest break-glass access: 1 h
	WarnBefore       time.Duration // the requester is warned so long before the end: 5 min
	GrantBudget      time.Duration // how long giving is tried before it counts as failed: 15 min
	ProviderTimeout  time.Duration // one call to a provider: 20 s
	CheckPeople      time.Duration // a live access's holder is looked up so often: 5 min
	ChatTimeout      time.Duration // one drawing of a card: 30 s
	PendingPerPerson int           // requests of one person that wait at a time: 10
	RatePerPerson    int           // requests of one person in an hour: 60
}

func (l Limits) withDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.PendingFor, 24*time.Hour)
	def(&l.MaxDuration, 8*time.Hour)
	def(&l.MinDuration, time.Second)
	def(&l.BreakGlassMax, time.Hour)
	def(&l.WarnBefore, 5*time.Minute)
	def(&l.GrantBudget, 15*time.Minute)
	def(&l.ProviderTimeout, 20*time.Second)
	def(&l.CheckPeople, 5*time.Minute)
	def(&l.ChatTimeout, 30*time.Second)
	if l.PendingPerPerson == 0 {
		l.PendingPerPerson = 10
	}
	if l.RatePerPerson == 0 {
		l.RatePerPerson = 60
	}
	return l
}

// Options are what an Engine is made of. Store, Policy and Directory must be
// there; without a Notifier nothing is drawn.
type Options struct {
	Store     Store
	Policy    Policy
	Directory Directory
	Notifier  Notifier
	Platforms map[string]Platform // by provider name
	Limits    Limits
	Admins    []string // groups that may see and revoke everything
	Auditors  []string // groups that may see everything
	// Sole says that no other process works on the store, so that what a
	// crashed one had in hand may be taken up at once.
	Sole  bool
	Now   func() time.Time // nil means the system's clock
	NewID func() string    // nil means a new ULID
	Log   *slog.Logger     // nil means none
}

// Engine is the one place where requests change. It is safe for concurrent use.
type Engine struct {
	store     Store
	policy    Policy
	directory Directory
	notifier  Notifier
	platforms map[string]Platform
	limits    Limits
	rhythm    rhythm
	admins    []string
	auditors  []string
	sole      bool
	clock     *clock
	newID     func() string
	log       *slog.Logger
	bells     map[Queue]chan struct{}
	watch     watch
	slots     map[string]slots // by provider name
	pace      meter            // of what could flood the log or a platform
	seed      maphash.Seed
	queues    [64]sync.Mutex // by requester: a quota is counted and used by one at a time
	lastStep  atomic.Int64   // Unix seconds: when an access worker last came round
}

// New makes an Engine. It learns from the store how far time had come, so that
// a clock that was stepped back prolongs nothing.
func New(ctx context.Context, o Options) (*Engine, error) {
	if o.Store == nil || o.Policy == nil || o.Directory == nil {
		return nil, errors.New("engine: store, policy and directory are needed")
	}
	e := &Engine{
		store: o.Store, policy: o.Policy, directory: o.Directory, notifier: o.Notifier, platforms: o.Platforms,
		limits: o.Limits.withDefaults(), admins: o.Admins, auditors: o.Auditors, sole: o.Sole, newID: o.NewID, log: o.Log, seed: maphash.MakeSeed(),
		bells: map[Queue]chan struct{}{AccessQueue: make(chan struct{}, 1), CardQueue: make(chan struct{}, 1)},
	}
	e.rhythm = rhythm{warnBefore: max(e.limits.WarnBefore, 0), checkPeople: e.limits.CheckPeople, draws: o.Notifier != nil}
	e.slots = newSlots(o.Platforms)
	e.clock = newClock(o.Now)
	// Asked without saying what time it is here: the wall clock may be past the
	// latest moment and still not have made up for all that it was behind by.
	seen, err := e.store.Advance(ctx, Moment{})
	if err != nil {
		return nil, fmt.Errorf("read how far time had come: %w", err)
	}
	e.clock.resume(seen)
	if e.newID == nil {
		e.newID = (&idSource{now: e.clock.Now}).next
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e, nil
}

// Providers returns the names of the configured providers, sorted.
func (e *Engine) Providers() []string {
	names := make([]string, 0, len(e.platforms))
	for n := range e.platforms {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// IsAdmin reports whether p may see and revoke everything.
func (e *Engine) IsAdmin(p Principal) bool { return inAny(p, e.admins) }

// SeesAll reports whether p may read everything.
func (e *Engine) SeesAll(p Principal) bool { return inAny(p, e.admins) || inAny(p, e.auditors) }

func inAny(p Principal, groups []string) bool {
	return !p.Disabled && slices.ContainsFunc(groups, p.In)
}

// Identify returns who acts when a surface has proved that it is the principal
// with this ID. It fails closed: an ID of the wrong form, somebody disabled, or
// a directory that does not answer is an error. Somebody whom the directory does
// not know belongs to no group.
func (e *Engine) Identify(ctx context.Context, id string, via Via, account Account) (Actor, error) {
	p, err := e.lookup(ctx, id)
	if err != nil {
		return Actor{}, err
	}
	if p.Disabled {
		return Actor{}, Refuse(ErrForbidden, "The account of %s is disabled.", p.ID).WithHint("Ask whoever runs jitsudo.")
	}
	return Actor{Principal: p, Via: via, Account: account}, nil
}

func (e *Engine) lookup(ctx context.Context, id string) (Principal, error) {
	id, err := NormalizeID(id)
	if err != nil {
		return Principal{}, err
	}
	p, err := e.directory.Lookup(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Principal{ID: id, Name: id}, nil
	case err != nil:
		e.log.Error("directory look-up", "principal", id, "error", err)
		return Principal{}, Refuse(ErrUnavailable, "The directory does not answer, so nobody can be recognised just now.").WithHint("Try again in a moment.")
	case !strings.EqualFold(p.ID, id):
		return Principal{}, Refuse(ErrUnavailable, "The directory answered for somebody else.")
	}
	p.ID = id
	return p, nil
}

// Record writes an entry of the daemon's own into the audit log.
func (e *Engine) Record(ctx context.Context, ev Event) error {
	if ev.Actor == "" {
		ev.Actor = System
	}
	if ev.Outcome == "" {
		ev.Outcome = Success
	}
	ev.At = e.clock.Now()
	return e.store.Append(ctx, ev)
}

// Refused records that somebody was turned away, also one who could not be
// recognised and has an account but no principal; so often a minute at most.
func (e *Engine) Refused(ctx context.Context, who Actor, requestID, why string) error {
	ev := Event{Actor: who.ID, Action: EvAuthRefused, Outcome: Failure, RequestID: requestID, Details: map[string]any{
		"reason": OneLine(why, 500), "via": string(who.Via),
	}}
	if ev.Actor == "" {
		ev.Actor = who.Account.System + ":" + who.Account.Subject
	}
	if !e.pace.take("turn away "+ev.Actor, e.clock.Now()) {
		e.log.Warn("turned away, too often to record", "actor", ev.Actor, "why", why)
		return nil
	}
	addAccount(ev, who.Account)
	if r, err := e.store.Get(ctx, requestID); err == nil {
		ev.Requester, ev.Provider, ev.Scope = r.Requester, r.Target.Provider, r.Target.Scope
	} else {
		ev.RequestID = ""
	}
	return e.Record(ctx, ev)
}

// update is how every change of a request is committed.
func (e *Engine) update(ctx context.Context, id string, change func(*Request) ([]Event, error)) (Request, error) {
	r, err := e.store.Update(ctx, id, func(r *Request) ([]Event, error) {
		events, err := change(r)
		if err != nil {
			return nil, err
		}
		r.schedule(e.rhythm)
		return events, nil
	})
	if err == nil {
		e.watch.changed()
		e.Ring()
	}
	return r, err
}
