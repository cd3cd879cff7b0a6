package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// TokenName is the name under which a token is handed out.
const TokenName = "SANDBOX_TOKEN"

// maxTokens bounds how many live tokens one binding may have; the oldest goes first.
const maxTokens = 20

// digest is all that is kept of a token.
type digest [sha256.Size]byte

type token struct {
	binding  string
	request  string
	issuedAt time.Time
	ends     time.Time
}

// Mint makes a token for a live access. It works until the deadline, and no
// longer than the binding is there.
func (c *Cloud) Mint(ctx context.Context, a engine.Access) (engine.Credentials, error) {
	var made engine.Credentials
	err := c.call(ctx, OpMint, a, func() (err error) {
		made, err = c.mint(a)
		return err
	})
	if err != nil {
		return engine.Credentials{}, err
	}
	return made, nil
}

func (c *Cloud) mint(a engine.Access) (engine.Credentials, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().UTC()
	b, there := c.state.Bindings[nameOf(a.ID)]
	ends := b.Deadline
	if a.Deadline.Before(ends) {
		ends = a.Deadline.UTC()
	}
	if !there || same(b, a) != nil || !ends.After(now) {
		return engine.Credentials{}, engine.Refuse(engine.ErrConflict, "This access is not live, so there is nothing to sign in with.")
	}
	c.makeRoom(b.Name, now)
	value := "sbx_" + rand.Text()
	c.tokens[sha256.Sum256([]byte(value))] = token{binding: b.Name, request: a.ID, issuedAt: now, ends: ends}
	return engine.Credentials{Values: []engine.Secret{engine.NewSecret(TokenName, value)}, IssuedAt: now, ExpiresAt: ends}, nil
}

// makeRoom forgets tokens that are dead, and the binding's oldest when it has
// as many as it may have.
func (c *Cloud) makeRoom(binding string, now time.Time) {
	var live []digest
	for d, t := range c.tokens {
		if _, alive := c.holder(t, now); !alive {
			delete(c.tokens, d)
		} else if t.binding == binding {
			live = append(live, d)
		}
	}
	if len(live) < maxTokens {
		return
	}
	oldest := slices.MinFunc(live, func(a, b digest) int { return c.tokens[a].issuedAt.Compare(c.tokens[b].issuedAt) })
	delete(c.tokens, oldest)
}

// holder returns the binding that a token stands for, while it is alive.
func (c *Cloud) holder(t token, now time.Time) (Binding, bool) {
	b := c.state.Bindings[t.binding]
	return b, b.owned(t.request) && now.Before(t.ends)
}

// Holder returns the binding that a token stands for. A token that was never
// made, has ended, or whose binding is gone stands for none.
func (c *Cloud) Holder(value string) (Binding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, known := c.tokens[sha256.Sum256([]byte(value))]
	if !known {
		return Binding{}, false
	}
	return c.holder(t, c.now())
}

// TryToken reports whether the holder of a token may do this on the scope now,
// and by that token's own binding alone.
func (c *Cloud) TryToken(value, scope, verb string) bool {
	b, alive := c.Holder(value)
	return alive && b.Scope == scope && slices.Contains(c.verbs(b.Role), verb)
}

// HowToUse says how to use a live access.
func (c *Cloud) HowToUse(a engine.Access) string {
	verb := "read"
	if v := c.verbs(a.Target.Role); len(v) > 0 {
		verb = v[len(v)-1]
	}
	if c.url == "" {
		return "The sandbox lets you act as " + a.Target.Role + " on " + a.Target.Scope + " now; its page shows your binding until it is taken away."
	}
	return "Try it: `jitsudo exec " + a.ID + " -- sh -c 'curl -H \"Authorization: Bearer $" + TokenName + "\" \"" +
		c.url + "/try?scope=" + a.Target.Scope + "&verb=" + verb + "\"'`. It answers yes until the access is taken away."
}
