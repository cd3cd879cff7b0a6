package sandbox

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Role is a named set of verbs.
type Role struct {
	Name  string   `json:"name"`
	Verbs []string `json:"verbs"`
}

// DefaultScopes are the scopes of a sandbox that names none.
func DefaultScopes() []string { return []string{"staging", "prod"} }

// DefaultRoles are the roles of a sandbox that names none.
func DefaultRoles() []Role {
	return []Role{
		{"viewer", []string{"read"}},
		{"editor", []string{"read", "write"}},
		{"admin", []string{"read", "write", "delete"}},
		{"break-glass-admin", []string{"read", "write", "delete", "break-glass"}},
	}
}

// Options make a sandbox; the zero Options make the default one, in memory.
type Options struct {
	Name   string           // the provider's name in the configuration; "" is "sandbox"
	Scopes []string         // nil: [DefaultScopes]
	Roles  []Role           // nil: [DefaultRoles]
	Now    func() time.Time // nil: time.Now
	// File keeps the bindings over a restart, as a real cloud would. One
	// running daemon owns it; "" keeps them in memory only.
	File string
	// URL is where the page is served, for the text that says how to use an
	// access; "" leaves it out.
	URL string
	// Frames are the origins that may show the page in a frame, besides its own.
	Frames []string
	// Fault is asked before every call of the provider what shall go wrong; nil
	// lets everything work. It must be safe for concurrent use.
	Fault func(op string, a engine.Access) Fault
}

// Cloud is the fake cloud, and the provider to it. It is safe for concurrent use.
type Cloud struct {
	name   string
	scopes []string
	roles  []Role
	now    func() time.Time
	file   string
	url    string
	frames []string
	fault  func(op string, a engine.Access) Fault

	mu      sync.Mutex
	state   state
	tokens  map[digest]token
	changed chan struct{} // closed and replaced at every change
}

var (
	_ engine.Provider  = (*Cloud)(nil)
	_ engine.Minter    = (*Cloud)(nil)
	_ engine.Lister    = (*Cloud)(nil)
	_ engine.Suggester = (*Cloud)(nil)
	_ engine.Guide     = (*Cloud)(nil)
)

// New opens a sandbox, with what its file says is there.
func New(o Options) (*Cloud, error) {
	if o.Name == "" {
		o.Name = "sandbox"
	}
	if o.Scopes == nil {
		o.Scopes = DefaultScopes()
	}
	if o.Roles == nil {
		o.Roles = DefaultRoles()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fault == nil {
		o.Fault = func(string, engine.Access) Fault { return Fault{} }
	}
	if err := checkNames(o); err != nil {
		return nil, err
	}
	c := &Cloud{
		name: o.Name, scopes: o.Scopes, roles: o.Roles, now: o.Now, file: o.File, url: o.URL, frames: o.Frames, fault: o.Fault,
		tokens: map[digest]token{}, changed: make(chan struct{}),
	}
	var err error
	c.state, err = load(o.File)
	return c, err
}

// maxName bounds the names of scopes and roles, in characters.
const maxName = 64

func checkNames(o Options) error {
	names := append([]string(nil), o.Scopes...)
	for _, r := range o.Roles {
		names = append(names, r.Name)
	}
	for _, n := range names {
		if n == "" || len(n) > maxName || strings.ContainsFunc(n, unprintable) {
			return fmt.Errorf("sandbox: %q cannot name a role or scope: it needs 1 to %d plain characters without spaces", n, maxName)
		}
	}
	for _, origin := range o.Frames {
		if strings.ContainsAny(origin, "; ,\r\n") {
			return fmt.Errorf("sandbox: %q is no origin", origin)
		}
	}
	return nil
}

func unprintable(c rune) bool { return c <= ' ' || c > '~' }
