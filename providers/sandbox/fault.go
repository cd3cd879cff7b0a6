package sandbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// The operations that [Options.Fault] is asked about.
const (
	OpCheck   = "check"
	OpGrant   = "grant"
	OpRevoke  = "revoke"
	OpObserve = "observe"
	OpMint    = "mint"
	OpList    = "list"
	OpSuggest = "suggest"
)

// Fault says what goes wrong in one call. The zero Fault is: nothing.
type Fault struct {
	Fail      error // fail with it and do nothing
	FailAfter error // do it and fail all the same: the answer was lost
	Hang      bool  // do nothing until ctx ends
	HangAfter bool  // do it, then do not answer until ctx ends
	// Pretend answers success without doing anything (grant, revoke).
	Pretend bool
	// See is what observe answers instead of the truth; Unknown lets it be true.
	See engine.Presence
}

var errHung = errors.New("the sandbox did not answer")

// call runs do, and whatever shall go wrong around it.
func (c *Cloud) call(ctx context.Context, op string, a engine.Access, do func() error) error {
	return c.fault(op, a).around(ctx, op, do)
}

func (f Fault) around(ctx context.Context, op string, do func() error) error {
	if f.Hang {
		return hang(ctx)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if f.Fail != nil {
		return f.Fail
	}
	if !f.Pretend {
		if err := do(); err != nil {
			return err
		}
	}
	if f.HangAfter {
		return hang(ctx)
	}
	return f.FailAfter
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return fmt.Errorf("%w: %w", errHung, ctx.Err())
}
