package bolt

import (
	"fmt"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// line is one of the two queues as the file keeps it: moment, number -> nothing.
type line struct {
	bucket []byte
	due    func(*engine.Request) *time.Time // when it is the request's turn
	lease  func(*engine.Request) *time.Time // until when a worker has it
}

func accessLine() line {
	return line{bucketAccess,
		func(r *engine.Request) *time.Time { return &r.WakeAt },
		func(r *engine.Request) *time.Time { return &r.Work.LeaseUntil }}
}

func cardLine() line {
	return line{bucketCard,
		func(r *engine.Request) *time.Time { return &r.DrawAt },
		func(r *engine.Request) *time.Time { return &r.Drawing.LeaseUntil }}
}

func lineOf(q engine.Queue) (line, error) {
	switch q {
	case engine.AccessQueue:
		return accessLine(), nil
	case engine.CardQueue:
		return cardLine(), nil
	}
	return line{}, engine.Refuse(engine.ErrInvalid, "There is no queue %q.", q)
}

// turnSize is the length of a key in a queue.
const turnSize = momentSize + 8

// turn is a request's place in a queue.
func turn(at time.Time, n uint64) []byte { return append(moment(at), number(n)...) }

// parseTurn returns when it is whose turn. A number that is not 0 is good even
// when the moment is not.
func parseTurn(k []byte) (time.Time, uint64, error) {
	if len(k) != turnSize {
		return time.Time{}, 0, fmt.Errorf("%w: a place in a queue of %d bytes", errRecord, len(k))
	}
	n, err := parseNumber(k[momentSize:])
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a place in a queue for nobody", errRecord)
	}
	if err != nil {
		return time.Time{}, 0, err
	}
	at, err := parseMoment(k)
	return at, n, err
}
