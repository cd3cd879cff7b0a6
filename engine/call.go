package engine

import (
	"context"
	"fmt"
	"runtime/debug"
)

// call makes one bounded call to a provider.
func (e *Engine) call(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.limits.ProviderTimeout)
	defer cancel()
	err := guard(func() error { return f(ctx) })
	if err == nil && ctx.Err() != nil {
		return ctx.Err() // an answer after its time proves nothing
	}
	return err
}

// guard turns a panic of somebody else's code into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
