package engine

import (
	"context"
	"errors"
	"time"
)

// draw makes the chat show r as it is, and tells what was not told yet. A chat
// that fails leaves the card stale; it is drawn later.
func (e *Engine) draw(ctx context.Context, r Request) error {
	page, err := e.store.Events(ctx, EventFilter{RequestID: r.ID, After: r.Drawing.Told, Ascending: true, PageSize: MaxPage})
	if err != nil {
		return err
	}
	show := Showing{Request: r, Events: page.Events, Keep: func(d Drawing) error { return e.keep(ctx, r, d) }}
	if g, ok := e.platforms[r.Target.Provider].Provider.(Guide); ok && r.State == Active {
		if err := guard(func() error { show.HowTo = g.HowToUse(r.Access()); return nil }); err != nil {
			e.log.Error("how to use", "request", r.ID, "error", err)
		}
	}
	drawn, err := e.show(ctx, show)
	if err != nil {
		e.log.Warn("draw card", "request", r.ID, "tries", r.Drawing.Tries+1, "error", err)
	}
	_, updateErr := e.update(context.WithoutCancel(ctx), r.ID, func(now *Request) ([]Event, error) {
		now.drawn(r, drawn, err, e.clock.Now())
		return nil, nil
	})
	return updateErr
}

// keep puts a drawing on record that is still under way.
func (e *Engine) keep(ctx context.Context, shown Request, d Drawing) error {
	_, err := e.update(context.WithoutCancel(ctx), shown.ID, func(now *Request) ([]Event, error) {
		lease := now.Drawing.LeaseUntil
		told := max(d.Told, now.Drawing.Told)
		now.Drawing = d
		now.Drawing.Told, now.Drawing.LeaseUntil, now.Drawing.Version = told, lease, shown.Drawing.Version
		return nil, nil
	})
	return err
}

func (e *Engine) show(ctx context.Context, s Showing) (Drawing, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limits.ChatTimeout)
	defer cancel()
	drawn := s.Request.Drawing
	err := guard(func() (err error) { drawn, err = e.notifier.Show(ctx, s); return err })
	return drawn, err
}

// drawn takes over how far a drawing of shown came.
func (r *Request) drawn(shown Request, d Drawing, err error, now time.Time) {
	d.Tries, d.NextAt, d.Error, d.LeaseUntil = 0, time.Time{}, "", time.Time{}
	d.Version = shown.Version
	d.Told = max(d.Told, r.Drawing.Told)
	if err != nil {
		d.Version = shown.Drawing.Version
		d.Tries = shown.Drawing.Tries + 1
		d.NextAt = now.Add(max(backoff(r.ID, d.Tries), retryAfter(err)))
		d.Error = OneLine(err.Error(), 300)
	}
	r.Drawing = d
}

// retryAfter is how long the chat itself asked to be left alone.
func retryAfter(err error) time.Duration {
	var limited interface{ RetryAfter() time.Duration }
	if errors.As(err, &limited) {
		return min(limited.RetryAfter(), 5*time.Minute)
	}
	return 0
}
