package bolt

import (
	"bytes"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// indexKey is one key of one index; their values are empty.
type indexKey struct {
	bucket, key string
}

// requestKeys returns every index key of a request.
func requestKeys(r engine.Request, n uint64) map[indexKey]bool {
	keys := map[indexKey]bool{}
	by := func(dimension byte, value string) {
		keys[indexKey{string(bucketBy), string(append(posting(dimension, value), number(n)...))}] = true
	}
	by(byRequester, r.Requester)
	by(byState, string(r.State))
	by(byProvider, r.Target.Provider)
	for _, v := range r.Viewers() {
		by(byViewer, v)
	}
	due := func(bucket []byte, at time.Time) {
		if !at.IsZero() {
			keys[indexKey{string(bucket), string(turn(at, n))}] = true
		}
	}
	due(bucketAccess, r.WakeAt)
	due(bucketCard, r.DrawAt)
	return keys
}

// reindex changes the indexes from what they say of a request to what they are
// to say of it. Keys that stay are not touched.
func (w *writes) reindex(n uint64, old *engine.Request, now engine.Request) error {
	before, after := map[indexKey]bool{}, requestKeys(now, n)
	if old != nil {
		before = requestKeys(*old, n)
	}
	for k := range before {
		if !after[k] {
			w.delete([]byte(k.bucket), []byte(k.key))
		}
	}
	for k := range after {
		if before[k] {
			continue
		}
		if err := w.put([]byte(k.bucket), []byte(k.key), nil); err != nil {
			return err
		}
	}
	return nil
}

// eventKeys returns every index key of an audit entry. What is empty is not
// indexed: no filter asks for it.
func eventKeys(e engine.Event) [][]byte {
	var keys [][]byte
	by := func(dimension byte, value string) {
		if value != "" {
			keys = append(keys, append(posting(dimension, value), number(e.ID)...))
		}
	}
	by(byActor, e.Actor)
	by(byRequester, e.Requester)
	by(byProvider, e.Provider)
	by(byRequest, e.RequestID)
	by(byAction, e.Action)
	return keys
}

// idempotencyKey is where a requester's key for a request is kept.
func idempotencyKey(requester, key string) []byte {
	return bytes.Join([][]byte{term(requester), term(key)}, nil)
}
