package sandbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Check says whether the sandbox has this role and this scope.
func (c *Cloud) Check(ctx context.Context, t engine.Target) error {
	return c.call(ctx, OpCheck, engine.Access{Target: t}, func() error { return c.known(t) })
}

func (c *Cloud) known(t engine.Target) error {
	var roles []string
	for _, r := range c.roles {
		roles = append(roles, r.Name)
	}
	if err := oneOf("role", t.Role, roles); err != nil {
		return err
	}
	return oneOf("scope", t.Scope, c.scopes)
}

func oneOf(field, value string, all []string) error {
	for _, v := range all {
		if v == value {
			return nil
		}
	}
	hint := fmt.Sprintf("It has no %ss at all.", field)
	if len(all) > 0 {
		hint = "Choose one of: " + strings.Join(all, ", ") + "."
	}
	if value == "" {
		return engine.Refuse(engine.ErrInvalid, "A %s of the sandbox is missing.", field).On(field).WithHint("%s", hint)
	}
	return engine.Refuse(engine.ErrInvalid, "The sandbox has no %s %s.", field, quote(value)).On(field).WithHint("%s", hint)
}

// quote returns s as it may stand in a sentence, whatever somebody typed.
func quote(s string) string {
	if r := []rune(s); len(r) > maxName {
		s = string(r[:maxName]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// Grant makes the binding of a request; a second time changes nothing.
func (c *Cloud) Grant(ctx context.Context, a engine.Access) error {
	return c.call(ctx, OpGrant, a, func() error {
		if err := c.sound(a); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if b, there := c.state.Bindings[nameOf(a.ID)]; there {
			return same(b, a)
		}
		return c.put(Binding{
			Name: nameOf(a.ID), Owner: Owner, Request: a.ID, Principal: a.Principal,
			Role: a.Target.Role, Scope: a.Target.Scope, Deadline: a.Deadline.UTC(),
		})
	})
}

// sound says whether a can be given at all.
func (c *Cloud) sound(a engine.Access) error {
	if err := soundID(a.ID); err != nil {
		return err
	}
	if id, err := engine.NormalizeID(a.Principal); err != nil {
		return err
	} else if id != a.Principal {
		return engine.Refuse(engine.ErrInvalid, "The person's ID %s is not in its plain form.", quote(a.Principal))
	}
	if !a.Deadline.After(c.now()) {
		return engine.Refuse(engine.ErrInvalid, "This access would have ended before it began.").WithHint("Ask for it anew.")
	}
	return c.known(a.Target)
}

func soundID(id string) error {
	if rest := strings.TrimPrefix(id, "req_"); rest == "" || len(id) > maxName || strings.ContainsFunc(rest, notInID) {
		return engine.Refuse(engine.ErrInvalid, "%s is no ID of a request.", quote(id))
	}
	return nil
}

func notInID(c rune) bool {
	return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-'
}

func same(b Binding, a engine.Access) error {
	if b.owned(a.ID) && b.Principal == a.Principal && b.Role == a.Target.Role && b.Scope == a.Target.Scope {
		return nil
	}
	return engine.Refuse(engine.ErrInvalid, "The sandbox has a binding named %s already, and it is not this request's.", b.Name).
		WithHint("Ask whoever runs the sandbox to look at it.")
}

// Revoke removes the binding of a request, and the tokens with it.
func (c *Cloud) Revoke(ctx context.Context, a engine.Access) error {
	return c.call(ctx, OpRevoke, a, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.state.Bindings[nameOf(a.ID)].owned(a.ID) {
			return nil
		}
		return c.drop(nameOf(a.ID))
	})
}

// Observe reads back whether the binding of a request is there.
func (c *Cloud) Observe(ctx context.Context, a engine.Access) (engine.Presence, error) {
	f := c.fault(OpObserve, a)
	seen := f.See
	err := f.around(ctx, OpObserve, func() error {
		if seen == engine.Unknown {
			seen = c.look(a.ID)
		}
		return nil
	})
	if err != nil {
		return engine.Unknown, err
	}
	return seen, nil
}

func (c *Cloud) look(id string) engine.Presence {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, there := c.state.Bindings[nameOf(id)]
	switch {
	case !there:
		return engine.Absent
	case b.owned(id):
		return engine.Present
	}
	return engine.Foreign
}

// List returns every access that jitsudo made.
func (c *Cloud) List(ctx context.Context) ([]engine.Access, error) {
	var all []engine.Access
	err := c.call(ctx, OpList, engine.Access{}, func() error {
		for _, b := range c.Bindings() {
			if b.Owner != Owner {
				continue
			}
			t := engine.Target{Provider: c.name, Role: b.Role, Scope: b.Scope}
			all = append(all, engine.Access{ID: b.Request, Principal: b.Principal, Target: t, Deadline: b.Deadline})
		}
		return nil
	})
	return all, err
}

// Suggest returns the roles or scopes that begin with what was typed.
func (c *Cloud) Suggest(ctx context.Context, s engine.Suggestion) ([]engine.Choice, error) {
	var found []engine.Choice
	err := c.call(ctx, OpSuggest, engine.Access{Target: s.Target}, func() error {
		for _, choice := range c.choices(s.Field) {
			if s.Limit > 0 && len(found) == s.Limit {
				break
			}
			if strings.HasPrefix(choice.Value, strings.ToLower(s.Prefix)) {
				found = append(found, choice)
			}
		}
		return nil
	})
	return found, err
}

func (c *Cloud) choices(field string) []engine.Choice {
	var all []engine.Choice
	switch field {
	case "role":
		for _, r := range c.roles {
			all = append(all, engine.Choice{Value: r.Name, Label: r.Name + " (" + strings.Join(r.Verbs, ", ") + ")"})
		}
	case "scope":
		for _, s := range c.scopes {
			all = append(all, engine.Choice{Value: s})
		}
	}
	return all
}
