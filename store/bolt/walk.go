package bolt

import (
	"bytes"
	"context"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// A walker knows a sorted set of numbers and goes through it in one direction.
// seek returns the first number that is not before pos in that direction; it is
// called with positions that never go back.
type walker interface {
	seek(pos uint64) (uint64, bool)
}

// span is every number from low to high.
type span struct {
	low, high uint64
	up        bool
}

func (s span) seek(pos uint64) (uint64, bool) {
	if s.up {
		pos = max(pos, s.low)
	} else {
		pos = min(pos, s.high)
	}
	return pos, s.low <= pos && pos <= s.high
}

// list is every number filed under one term of an index.
type list struct {
	cursor *bbolt.Cursor
	prefix []byte
	up     bool

	known bool // at and ok are the answer of the last seek
	at    uint64
	ok    bool
}

func (l *list) seek(pos uint64) (uint64, bool) {
	if l.known && (!l.ok || l.at == pos || l.up == (l.at > pos)) {
		return l.at, l.ok
	}
	key := binary.BigEndian.AppendUint64(bytes.Clone(l.prefix), pos)
	k, _ := l.cursor.Seek(key)
	if !l.up && !bytes.Equal(k, key) {
		if k == nil {
			k, _ = l.cursor.Last()
		} else {
			k, _ = l.cursor.Prev()
		}
	}
	l.known, l.ok = true, len(k) == len(key) && bytes.HasPrefix(k, l.prefix)
	if l.ok {
		l.at = binary.BigEndian.Uint64(k[len(l.prefix):])
	}
	return l.at, l.ok
}

// union is every number that at least one of its members has.
type union struct {
	members []walker
	up      bool
}

func (a union) seek(pos uint64) (best uint64, ok bool) {
	for _, m := range a.members {
		at, found := m.seek(pos)
		if found && (!ok || a.up == (at < best)) {
			best, ok = at, true
		}
	}
	return best, ok
}

// meet returns the first number not before pos that all walkers have. Each one
// in turn leaps to where the others are, so the shortest list sets the pace.
func meet(ctx context.Context, all []walker, pos uint64) (uint64, bool, error) {
	for round := 0; ; round++ {
		if round%256 == 0 && ctx.Err() != nil {
			return 0, false, ctx.Err()
		}
		agreed := true
		for _, w := range all {
			at, ok := w.seek(pos)
			if !ok {
				return 0, false, nil
			}
			agreed = agreed && at == pos
			pos = at
		}
		if agreed {
			return pos, true, nil
		}
	}
}

// collect visits up to limit numbers that all walkers have, and reports whether
// there are more.
func collect(ctx context.Context, all []walker, p paging, visit func(uint64) error) (more bool, err error) {
	pos := p.start
	for count := 0; ; count++ {
		at, ok, err := meet(ctx, all, pos)
		if err != nil || !ok || count == p.limit {
			return ok, err
		}
		if err := visit(at); err != nil {
			return false, err
		}
		if p.up {
			pos = at + 1
		} else {
			pos = at - 1
		}
	}
}
