package engine_test

import (
	"context"
	"errors"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var errDead = errors.New("the process has died")

// death is where a process dies: before or after what it was about to do.
type death int

const (
	lives death = iota
	diesBefore
	diesAfter
	diesLate // before a grant takes effect that the cloud has already been sent
)

// life counts what a process does outside itself. It is over after so many deeds.
type life struct {
	left int // 0: nothing is going to happen to it
	how  death
	dead bool
}

func (l *life) deed() death {
	if l.dead {
		return diesBefore
	}
	if l.left == 0 {
		return lives
	}
	if l.left--; l.left > 0 {
		return lives
	}
	l.dead = true
	return l.how
}

// mortal is the store as a process that may die sees it.
type mortal struct {
	engine.Store
	life *life
}

func (m mortal) do(f func() error) error {
	switch m.life.deed() {
	case diesBefore, diesLate:
		return errDead
	case diesAfter:
		_ = f() // what became of it nobody hears
		return errDead
	}
	return f()
}

func (m mortal) Create(ctx context.Context, r engine.Request, events ...engine.Event) error {
	return m.do(func() error { return m.Store.Create(ctx, r, events...) })
}

func (m mortal) Update(ctx context.Context, id string, change func(*engine.Request) ([]engine.Event, error)) (r engine.Request, err error) {
	err = m.do(func() error { r, err = m.Store.Update(ctx, id, change); return err })
	return r, err
}

func (m mortal) Claim(ctx context.Context, q engine.Queue, now time.Time, lease time.Duration) (r engine.Request, next time.Time, err error) {
	err = m.do(func() error { r, next, err = m.Store.Claim(ctx, q, now, lease); return err })
	return r, next, err
}

func (m mortal) Append(ctx context.Context, events ...engine.Event) error {
	return m.do(func() error { return m.Store.Append(ctx, events...) })
}

func (m mortal) Advance(ctx context.Context, at engine.Moment) (seen engine.Moment, err error) {
	err = m.do(func() error { seen, err = m.Store.Advance(ctx, at); return err })
	return seen, err
}
