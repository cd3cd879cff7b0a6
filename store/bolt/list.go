package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// List implements [engine.Requests]. Newest means created last. What cannot be
// read is left out, see [Store.Damaged]; pages are full all the same.
func (s *Store) List(ctx context.Context, f engine.Filter) (engine.Page, error) {
	p, err := newPaging(f.PageSize, f.PageToken, false, "requests", f.Requester, string(f.State), f.Provider)
	if err != nil {
		return engine.Page{}, err
	}
	var page engine.Page
	for {
		got, err := s.listed(ctx, f, p)
		if err != nil {
			return engine.Page{}, err
		}
		page.Requests, page.Next = append(page.Requests, got.requests...), got.next
		s.tell(ctx, got.bad...)
		if len(got.bad) == 0 || got.next == "" {
			return page, nil
		}
		p.limit -= len(got.requests)
		p.start = got.last - 1
	}
}

// listed is a part of a list.
type listed struct {
	requests []engine.Request
	bad      []*unreadable
	last     uint64 // number of the last one looked at
	next     string
}

func (s *Store) listed(ctx context.Context, f engine.Filter, p paging) (got listed, err error) {
	var raw [][]byte
	var numbers []uint64
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		newest, err := lastNumber(tx, bucketRequests)
		if err != nil {
			return err
		}
		records := tx.Bucket(bucketRequests)
		more, err := collect(ctx, requestWalkers(tx, f, newest), p, func(n uint64) error {
			got.last, numbers = n, append(numbers, n)
			raw = append(raw, bytes.Clone(records.Get(number(n))))
			return nil
		})
		if more {
			got.next = p.token(got.last)
		}
		return err
	})
	for i, b := range raw {
		r, err := decodeRequest(b)
		if err != nil {
			got.bad = append(got.bad, &unreadable{number: numbers[i], cause: err})
			continue
		}
		got.requests = append(got.requests, r)
	}
	return got, err
}

func requestWalkers(tx *bbolt.Tx, f engine.Filter, newest uint64) []walker {
	by := func(dimension byte, value string) walker {
		return &list{cursor: tx.Bucket(bucketBy).Cursor(), prefix: posting(dimension, value)}
	}
	all := []walker{span{low: 1, high: newest}}
	if f.Requester != "" {
		all = append(all, by(byRequester, f.Requester))
	}
	if f.State != "" {
		all = append(all, by(byState, string(f.State)))
	}
	if f.Provider != "" {
		all = append(all, by(byProvider, f.Provider))
	}
	if f.Viewers != nil {
		var some union
		for _, v := range f.Viewers {
			some.members = append(some.members, by(byViewer, v))
		}
		all = append(all, some)
	}
	return all
}
