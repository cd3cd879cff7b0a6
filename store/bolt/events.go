package bolt

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Events implements [engine.Log].
func (s *Store) Events(ctx context.Context, f engine.EventFilter) (engine.EventPage, error) {
	if f.After > 0 && !f.Ascending {
		return engine.EventPage{}, engine.Refuse(engine.ErrInvalid, "Reading on after an entry goes from old to new only.")
	}
	p, err := newPaging(f.PageSize, f.PageToken, f.Ascending,
		"events", f.Actor, f.Requester, f.Provider, f.RequestID, f.Action, strconv.FormatUint(f.After, 10))
	if err != nil {
		return engine.EventPage{}, err
	}
	var raw [][]byte
	var page engine.EventPage
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		all, err := eventWalkers(tx, f)
		if err != nil {
			return err
		}
		var last uint64
		entries := tx.Bucket(bucketLog)
		more, err := collect(ctx, all, p, func(id uint64) error {
			last, raw = id, append(raw, bytes.Clone(entries.Get(number(id))))
			return nil
		})
		if more {
			page.Next = p.token(last)
		}
		return err
	})
	if err != nil {
		return engine.EventPage{}, err
	}
	for _, b := range raw {
		e, err := decodeEntry(b)
		if err != nil {
			return engine.EventPage{}, err
		}
		page.Events = append(page.Events, e.Event)
	}
	return page, nil
}

func eventWalkers(tx *bbolt.Tx, f engine.EventFilter) ([]walker, error) {
	window, err := eventSpan(tx, f)
	if err != nil {
		return nil, err
	}
	all := []walker{window}
	by := func(dimension byte, value string) {
		if value != "" {
			all = append(all, &list{cursor: tx.Bucket(bucketLogBy).Cursor(), prefix: posting(dimension, value), up: f.Ascending})
		}
	}
	by(byActor, f.Actor)
	by(byRequester, f.Requester)
	by(byProvider, f.Provider)
	by(byRequest, f.RequestID)
	by(byAction, f.Action)
	return all, nil
}

// eventSpan turns the bounds of time into bounds of IDs. Time never runs
// backwards in the log, so each is found by halving.
func eventSpan(tx *bbolt.Tx, f engine.EventFilter) (span, error) {
	newest, err := lastNumber(tx, bucketLog)
	window := span{low: 1, high: newest, up: f.Ascending}
	if err != nil {
		return window, err
	}
	if f.After == math.MaxUint64 {
		return span{low: 1, high: 0, up: f.Ascending}, nil
	}
	window.low = f.After + 1
	if !f.Since.IsZero() {
		id, err := firstSince(tx, newest, f.Since)
		if err != nil {
			return window, err
		}
		window.low = max(window.low, id)
	}
	if !f.Until.IsZero() {
		id, err := firstSince(tx, newest, f.Until)
		if err != nil {
			return window, err
		}
		window.high = id - 1
	}
	return window, nil
}

// firstSince returns the ID of the first entry at or after t, newest+1 when
// there is none.
func firstSince(tx *bbolt.Tx, newest uint64, t time.Time) (uint64, error) {
	low, high := uint64(1), newest+1
	for low < high {
		middle := low + (high-low)/2
		at, err := entryTime(tx.Bucket(bucketLog).Get(number(middle)))
		if err != nil {
			return 0, &engine.ChainError{ID: middle, Why: err.Error()}
		}
		if at.Before(t) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
