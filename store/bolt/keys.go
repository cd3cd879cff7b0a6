package bolt

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"
)

// number is a request's number or an audit entry's ID as a key: keys sort as
// numbers do.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func parseNumber(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, fmt.Errorf("a number of %d bytes", len(b))
	}
	return binary.BigEndian.Uint64(b), nil
}

// longTerm is the first byte of a term that stands for a value by its hash.
const longTerm = 0xff

// term is a value as part of a key. None is the beginning of another, whatever
// bytes the value has, and none is long.
func term(value string) []byte {
	value = valid(value)
	if len(value) >= longTerm {
		sum := sha256.Sum256([]byte(value))
		return append([]byte{longTerm}, sum[:]...)
	}
	return append([]byte{byte(len(value))}, value...)
}

// valid returns a value as it reads after it was written as JSON: a byte that
// is no UTF-8 becomes U+FFFD.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// momentSize is the length of a moment as a key.
const momentSize = 12

// moment is a time as part of a key, good for every year: keys sort as the
// moments do.
func moment(t time.Time) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(t.Unix())^(1<<63))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

func parseMoment(b []byte) (time.Time, error) {
	if len(b) < momentSize {
		return time.Time{}, fmt.Errorf("a moment of %d bytes", len(b))
	}
	sec, nsec := binary.BigEndian.Uint64(b)^(1<<63), binary.BigEndian.Uint32(b[8:])
	if nsec >= 1e9 {
		return time.Time{}, fmt.Errorf("a moment with %d nanoseconds", nsec)
	}
	return time.Unix(int64(sec), int64(nsec)).UTC(), nil
}

// The dimensions of the two indexes. A letter never changes its meaning.
const (
	byRequester = 'u'
	byState     = 's'
	byProvider  = 'p'
	byViewer    = 'v'
	byActor     = 'a'
	byRequest   = 'r'
	byAction    = 'c'
)

// posting is the beginning of all index keys of one term in one dimension.
func posting(dimension byte, value string) []byte {
	return append([]byte{dimension}, term(value)...)
}
