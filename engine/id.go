package engine

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

// IDPrefix begins every request ID; a ULID follows it.
const IDPrefix = "req_"

// crockford is the ULID alphabet (github.com/ulid/spec).
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ValidID reports whether id has the form of a request ID.
func ValidID(id string) bool {
	u, ok := strings.CutPrefix(id, IDPrefix)
	if !ok || len(u) != 26 || u[0] > '7' {
		return false
	}
	for _, c := range u {
		if !strings.ContainsRune(crockford, c) {
			return false
		}
	}
	return true
}

// idSource makes request IDs that sort in the order they were made: 48 bits of
// milliseconds and 80 random bits, the latter counted up within a millisecond.
type idSource struct {
	now func() time.Time

	mu   sync.Mutex
	last uint64
	rest [10]byte
}

func (s *idSource) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ms := uint64(max(s.now().UnixMilli(), 0)); ms > s.last {
		s.last = ms
		_, _ = rand.Read(s.rest[:]) // never fails (crypto/rand)
		s.rest[0] &= 0x7f           // leaves room to count up
	} else {
		increment(&s.rest)
	}
	return IDPrefix + ulid(s.last, s.rest)
}

func increment(b *[10]byte) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i]++
		if b[i] != 0 {
			return
		}
	}
}

// ulid writes 128 bits as 26 letters of five bits, the first of three.
func ulid(ms uint64, rest [10]byte) string {
	var raw [16]byte
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	copy(raw[6:], rest[:])
	var out [26]byte
	bit := -2 // 26*5 = 130 bits: two zero bits lead
	for i := range out {
		var v byte
		for range 5 {
			v <<= 1
			if bit >= 0 {
				v |= raw[bit/8] >> (7 - bit%8) & 1
			}
			bit++
		}
		out[i] = crockford[v]
	}
	return string(out[:])
}
