package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// List implements [engine.Requests]. Newest means created last.
func (s *Store) List(ctx context.Context, f engine.Filter) (engine.Page, error) {
	p, err := newPaging(f.PageSize, f.PageToken, false, "requests", f.Requester, string(f.State), f.Provider)
	if err != nil {
		return engine.Page{}, err
	}
	var raw [][]byte
	var page engine.Page
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		newest, err := lastNumber(tx, bucketRequests)
		if err != nil {
			return err
		}
		var last uint64
		records := tx.Bucket(bucketRequests)
		more, err := collect(ctx, requestWalkers(tx, f, newest), p, func(n uint64) error {
			last, raw = n, append(raw, bytes.Clone(records.Get(number(n))))
			return nil
		})
		if more {
			page.Next = p.token(last)
		}
		return err
	})
	if err != nil {
		return engine.Page{}, err
	}
	for _, b := range raw {
		r, err := decodeRequest(b)
		if err != nil {
			return engine.Page{}, err
		}
		page.Requests = append(page.Requests, r)
	}
	return page, nil
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
