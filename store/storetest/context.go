package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var contextCases = []kase{
	{"nothing is done for a caller who is gone", func(t *testing.T, s engine.Store) {
		r := queued(t, s, 1, noon, noon)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantErr(t, s.Create(ctx, pending(2), event(r, engine.EvCreated)), context.Canceled)
		wantErr(t, s.Append(ctx, event(r, engine.EvCreated)), context.Canceled)
		_, err := s.Update(ctx, r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State = engine.Canceled
			return nil, nil
		})
		wantErr(t, err, context.Canceled)
		_, _, err = s.Claim(ctx, engine.AccessQueue, noon, time.Minute)
		wantErr(t, err, context.Canceled)
		_, err = s.Get(ctx, r.ID)
		wantErr(t, err, context.Canceled)
		_, err = s.List(ctx, engine.Filter{})
		wantErr(t, err, context.Canceled)
		_, err = s.Events(ctx, engine.EventFilter{})
		wantErr(t, err, context.Canceled)
		_, err = s.Advance(ctx, engine.Moment{Now: noon, Wall: noon})
		wantErr(t, err, context.Canceled)
		same(t, get(t, s, r.ID), r)
		same(t, list(t, s, engine.Filter{}), []string{r.ID})
		same(t, headOf(t, s).ID, 0)
	}},
	{"a closed store says so", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r)
		wantErr(t, s.Close(), nil)
		wantErr(t, s.Close(), nil)
		_, err := s.Get(t.Context(), r.ID)
		wantErr(t, err, engine.ErrUnavailable)
		wantErr(t, s.Create(t.Context(), pending(2)), engine.ErrUnavailable)
		_, err = s.Update(t.Context(), r.ID, func(*engine.Request) ([]engine.Event, error) { return nil, nil })
		wantErr(t, err, engine.ErrUnavailable)
		_, _, err = s.Claim(t.Context(), engine.AccessQueue, noon, time.Minute)
		wantErr(t, err, engine.ErrUnavailable)
		_, err = s.Advance(t.Context(), engine.Moment{Now: noon, Wall: noon})
		wantErr(t, err, engine.ErrUnavailable)
	}},
}
