package engine

import (
	"context"
	"time"
)

// Store keeps requests and the audit log. Requests, log and the head of the
// chain change in one commit. All methods are safe for concurrent use.
type Store interface {
	Requests
	Log
	// Advance persists that time has come to m, and returns the moment with the
	// latest Now ever seen, so that a clock stepped back over a restart prolongs
	// nothing. Steps of less than a second may be kept in memory only.
	Advance(ctx context.Context, m Moment) (Moment, error)
	Close() error
}

// Moment is one point in time by two clocks.
type Moment struct {
	Now  time.Time // the engine's, which never goes back
	Wall time.Time // the machine's, as it stood then
}

// Requests is the store's part for requests.
type Requests interface {
	// Create writes a new request together with its events. A request of the
	// same requester with the same non-empty key (the first of r.Keys) already
	// there: *DuplicateError, nothing written. An ID already there: ErrConflict.
	Create(ctx context.Context, r Request, events ...Event) error
	// Get returns a request; ErrNotFound when there is none.
	Get(ctx context.Context, id string) (Request, error)
	// List returns a page, newest first. A record that cannot be read is passed
	// over, here and by Claim, so that it holds nothing else up.
	List(ctx context.Context, f Filter) (Page, error)
	// Update runs change on the current request inside a transaction and writes
	// what it made of it together with the events it returns. change may run more
	// than once and must have no side effects; when it fails nothing is written
	// and its error comes back unchanged. ErrNotFound when there is no such request.
	Update(ctx context.Context, id string, change func(*Request) ([]Event, error)) (Request, error)
	// Claim takes the request that is due first in the queue (its WakeAt or
	// DrawAt not after now), and in one commit moves that moment to now+lease and
	// sets Work.LeaseUntil (AccessQueue) or Drawing.LeaseUntil (CardQueue) to the
	// same. When none is due it returns ErrNotFound and the moment at which the
	// next one will be (zero: none).
	Claim(ctx context.Context, q Queue, now time.Time, lease time.Duration) (Request, time.Time, error)
}

// Log is the store's part for the audit log.
type Log interface {
	// Append writes events that belong to no change of a request.
	Append(ctx context.Context, events ...Event) error
	// Events returns a page of the log.
	Events(ctx context.Context, f EventFilter) (EventPage, error)
	// Head returns the newest entry's ID and hash (0 and ZeroHash when empty).
	Head(ctx context.Context) (Head, error)
}

// DuplicateError says that a request with the same requester and key is there.
type DuplicateError struct{ ID string }

func (e *DuplicateError) Error() string {
	return "request " + e.ID + " has this idempotency key already"
}

// Unwrap makes it an ErrConflict.
func (e *DuplicateError) Unwrap() error { return ErrConflict }

// Queue names one of the two wake queues.
type Queue string

// The queues.
const (
	AccessQueue Queue = "access" // ordered by Request.WakeAt
	CardQueue   Queue = "card"   // ordered by Request.DrawAt
)

// DefaultPage and MaxPage bound the size of a page.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Filter selects requests. Zero fields do not restrict; set ones all must fit.
type Filter struct {
	Requester string
	State     State
	Provider  string
	// Viewers restricts to requests that have at least one of these viewer
	// terms; nil does not restrict (an empty, non-nil list fits nothing).
	Viewers   []string
	PageSize  int    // 0 means DefaultPage; more than MaxPage is cut
	PageToken string // from the page before; ErrInvalid when it is none
}

// Page is one page of requests, newest first.
type Page struct {
	Requests []Request
	Next     string // "" on the last page
}

// EventFilter selects audit entries. Zero fields do not restrict.
type EventFilter struct {
	Actor     string
	Requester string // entries about this person's requests, whoever acted
	Provider  string
	RequestID string
	Action    string
	Since     time.Time // at or after
	Until     time.Time // before
	After     uint64    // IDs greater than this, for reading on; only with Ascending
	Ascending bool      // oldest first; default newest first
	PageSize  int
	PageToken string
}

// EventPage is one page of audit entries.
type EventPage struct {
	Events []Event
	Next   string
}

// Presence is what a provider sees of one request's access.
type Presence int

// The presences. The zero value is no answer and never counts as gone.
const (
	Unknown Presence = iota
	Absent           // it is not there
	Present          // ours is there
	Foreign          // something of the same place is there that is not ours
)

// Provider is one platform where access is given and taken. Every call is
// idempotent by Access.ID, safe for concurrent use, and bounded by ctx.
type Provider interface {
	// Check says whether the target makes sense, without side effects. A
	// Refusal of kind ErrInvalid is for the person; any other error means that
	// it could not be found out just now.
	Check(ctx context.Context, t Target) error
	// Grant gives the access. A final refusal wraps ErrInvalid or ErrForbidden;
	// any other error leaves open whether it was done.
	Grant(ctx context.Context, a Access) error
	// Revoke takes away what Grant made for a.ID, and only that. It succeeds when
	// that is gone or never was. "Cannot see it" is an error, not success.
	Revoke(ctx context.Context, a Access) error
	// Observe reads back what is there.
	Observe(ctx context.Context, a Access) (Presence, error)
}

// Further abilities of a provider, each found by assertion in one place.
type (
	// Minter makes short credentials for a live access; none outlives a.Deadline.
	Minter interface {
		Mint(ctx context.Context, a Access) (Credentials, error)
	}
	// Lister finds everything of ours that lives in the cloud.
	Lister interface {
		List(ctx context.Context) ([]Access, error)
	}
	// Suggester helps somebody fill in a field as they type.
	Suggester interface {
		Suggest(ctx context.Context, s Suggestion) ([]Choice, error)
	}
	// Guide says in a sentence or two how to use a live access, in mrkdwn-free
	// plain text; commands are in backquotes.
	Guide interface {
		HowToUse(a Access) string
	}
)

// Suggestion asks for choices of one field.
type Suggestion struct {
	Field  string // role or scope
	Prefix string // what was typed
	Target Target // what is filled in already
	Limit  int
}

// Choice is one suggestion.
type Choice struct {
	Value string
	Label string // "" means Value
}

// Credentials are minted now and never stored.
type Credentials struct {
	Values    []Secret
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// Secret is one named credential. It prints as [redacted] everywhere; only
// Reveal gives the value.
type Secret struct {
	Name  string
	value string
}

// NewSecret names a value that must not be printed.
func NewSecret(name, value string) Secret { return Secret{Name: name, value: value} }

// Directory knows people: their groups and standing as of now.
type Directory interface {
	// Lookup returns the principal with this ID; ErrNotFound when the directory
	// does not know them, any other error when it cannot say.
	Lookup(ctx context.Context, id string) (Principal, error)
}

// Showing is what a chat is asked to show: the request as it is, and the audit
// entries about it that were not told yet, oldest first.
type Showing struct {
	Request Request
	Events  []Event
	HowTo   string // how to use the access, while it is live

	// Keep puts the drawing on record as far as it has come. Call it as soon as a
	// message with buttons exists, so that nobody can click on one that is not yet
	// known, and after each thing told, so that a crash repeats little. Never nil
	// when the engine calls.
	Keep func(Drawing) error
}

// Notifier draws requests in a chat.
//
// Show posts the card or redraws it, and tells the events in its thread and to
// the requester. It returns how far it came, also when it fails: Drawing.Told
// and the messages that exist. Showing the same thing again must do no harm.
type Notifier interface {
	Show(ctx context.Context, s Showing) (Drawing, error)
}
