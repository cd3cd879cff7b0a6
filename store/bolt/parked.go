package bolt

import (
	"bytes"
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// bucketParked holds the places of the queues whose request cannot be read:
// first letter of the queue, place -> nothing. It is made for the first of them,
// so most files have none.
var bucketParked = []byte("parked")

// park takes a place out of its queue and keeps it.
func (w *writes) park(l line, k []byte) error {
	w.delete(l.bucket, k)
	k = k[:min(len(k), turnSize)] // longer only when it makes no sense
	return w.put(bucketParked, append([]byte{l.bucket[0]}, k...), nil)
}

// move puts a request that is due at another moment (zero: never) than its place
// k in the queue says where it belongs.
func (w *writes) move(l line, k []byte, at time.Time) error {
	w.delete(l.bucket, k)
	if at.IsZero() {
		return nil
	}
	return w.put(l.bucket, append(moment(at), k[momentSize:]...), nil)
}

// unpark puts those requests back into their queues that can be read by now: by
// the version that wrote them, or because somebody repaired them. It tells of
// those that cannot.
func (s *Store) unpark(ctx context.Context) {
	var bad []*unreadable
	back := 0
	err := s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		bad, back = nil, 0
		parked := tx.Bucket(bucketParked)
		if parked == nil {
			return nil
		}
		return parked.ForEach(func(k, _ []byte) error {
			l, known := parkedLine(k)
			if !known {
				return nil // a newer version's
			}
			n, r, err := parkedRequest(tx, k)
			if err != nil {
				bad = append(bad, &unreadable{number: n, cause: err})
				return nil
			}
			back++
			w.delete(bucketParked, bytes.Clone(k))
			if at := *l.due(&r); !at.IsZero() {
				return w.put(l.bucket, turn(at, n), nil)
			}
			return nil
		})
	})
	s.tell(ctx, bad...)
	if err != nil {
		s.log.Error("requests that can be read again could not be put back into their queue", "error", err)
	} else if back > 0 {
		s.log.Warn("requests that could not be read before are in their queue again", "count", back)
	}
}

// parkedLine returns the queue that a place was taken out of.
func parkedLine(k []byte) (line, bool) {
	for _, l := range []line{accessLine(), cardLine()} {
		if k[0] == l.bucket[0] {
			return l, true
		}
	}
	return line{}, false
}

func parkedRequest(tx *bbolt.Tx, k []byte) (uint64, engine.Request, error) {
	_, n, err := parseTurn(k[1:])
	if n == 0 {
		return 0, engine.Request{}, err
	}
	r, err := decodeRequest(tx.Bucket(bucketRequests).Get(number(n)))
	return n, r, err
}
