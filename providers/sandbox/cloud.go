package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Owner is who made the bindings that jitsudo may take away.
const Owner = "jitsudo"

// Binding says that somebody holds a role on a scope.
type Binding struct {
	Name      string    `json:"name"`
	Owner     string    `json:"owner"` // who made it
	Request   string    `json:"request,omitempty"`
	Principal string    `json:"principal"`
	Role      string    `json:"role"`
	Scope     string    `json:"scope"`
	Deadline  time.Time `json:"deadline,omitzero"` // zero: standing access
	Since     time.Time `json:"since"`
}

// Change is one line of the history.
type Change struct {
	At      time.Time `json:"at"`
	Given   bool      `json:"given"` // false: taken away
	Binding Binding   `json:"binding"`
}

// state is what outlives a restart.
type state struct {
	Bindings map[string]Binding `json:"bindings"` // by name
	History  []Change           `json:"history"`  // oldest first
}

// maxHistory bounds how many changes are remembered.
const maxHistory = 40

// nameOf returns the name of the binding that belongs to a request.
func nameOf(id string) string {
	return "jit-" + strings.ToLower(strings.TrimPrefix(id, "req_"))
}

// owned reports whether b is what was made for the request.
func (b Binding) owned(id string) bool { return b.Owner == Owner && b.Request == id }

// Bindings returns everything that is there, by name.
func (c *Cloud) Bindings() []Binding {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sorted()
}

func (c *Cloud) sorted() []Binding {
	all := make([]Binding, 0, len(c.state.Bindings))
	for _, b := range c.state.Bindings {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Binding) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// History returns the last changes, newest first.
func (c *Cloud) History() []Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := slices.Clone(c.state.History)
	slices.Reverse(h)
	return h
}

// Changed returns a channel that is closed at the next change of a binding.
func (c *Cloud) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// Try reports whether the principal may do this on the scope now.
func (c *Cloud) Try(principal, scope, verb string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.state.Bindings {
		if b.Principal == principal && b.Scope == scope && slices.Contains(c.verbs(b.Role), verb) {
			return true
		}
	}
	return false
}

func (c *Cloud) verbs(role string) []string {
	for _, r := range c.roles {
		if r.Name == role {
			return r.Verbs
		}
	}
	return nil
}

// Plant makes a binding, or replaces one, as somebody else with rights in the
// cloud would; Since is set when it is zero.
func (c *Cloud) Plant(b Binding) error {
	if b.Name == "" || b.Principal == "" {
		return fmt.Errorf("sandbox: a binding needs a name and a principal: %w", engine.ErrInvalid)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(b)
}

// Uproot removes a binding by name, as somebody else with rights in the cloud
// would; there need not be one.
func (c *Cloud) Uproot(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drop(name)
}

func (c *Cloud) put(b Binding) error {
	if b.Since.IsZero() {
		b.Since = c.now().UTC()
	}
	next := c.state.with(Change{At: c.now().UTC(), Given: true, Binding: b})
	next.Bindings[b.Name] = b
	return c.commit(next)
}

func (c *Cloud) drop(name string) error {
	b, there := c.state.Bindings[name]
	if !there {
		return nil
	}
	next := c.state.with(Change{At: c.now().UTC(), Binding: b})
	delete(next.Bindings, name)
	if err := c.commit(next); err != nil {
		return err
	}
	// A binding of the same name that comes later must not revive them.
	maps.DeleteFunc(c.tokens, func(_ digest, t token) bool { return t.binding == name })
	return nil
}

// with returns a copy of s that has one more change in its history.
func (s state) with(ch Change) state {
	next := state{Bindings: make(map[string]Binding, len(s.Bindings)+1)}
	for n, b := range s.Bindings {
		next.Bindings[n] = b
	}
	next.History = append(slices.Clone(s.History), ch)
	if over := len(next.History) - maxHistory; over > 0 {
		next.History = next.History[over:]
	}
	return next
}

// commit makes next what is there: on disk first, so that nothing was seen
// that a restart forgets. The caller holds the lock.
func (c *Cloud) commit(next state) error {
	if err := save(c.file, next); err != nil {
		return err
	}
	c.state = next
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}
