package bolt

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func FuzzDecodeRequest(f *testing.F) {
	r, _ := testRequest(1)
	good, err := encodeRequest(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Add([]byte{2, '{', '}'})
	f.Add([]byte("\x01{\"id\":\"x\",\"state\":\"PENDING\",\"unknown\":1}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRequest(b)
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Errorf("%v is no %v", err, errRecord)
			}
			return
		}
		// What can be read is written the same for ever after.
		once, err := encodeRequest(r)
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		again, err := decodeRequest(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := encodeRequest(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\n%s\n%v", once, twice, err)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	_, e := testRequest(1)
	e.Requester = "alice"
	sealed, err := e.Seal(engine.Head{Hash: engine.ZeroHash})
	if err != nil {
		f.Fatal(err)
	}
	good, err := encodeEntry(sealed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	f.Add(good[:14])
	f.Add(append(slices.Clone(good[:13]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(b)
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Errorf("%v is no %v", err, errRecord)
			}
			return
		}
		if at, err := entryTime(b); err != nil || !at.Equal(e.At) {
			t.Errorf("time %v, %v, entry's %v", at, err, e.At)
		}
	})
}

func FuzzPageToken(f *testing.F) {
	p, err := newPaging(0, "", true, "q")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.token(7))
	f.Add("")
	f.Add("AQAAAAAAAAAHAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		last, ok := p.parse(token)
		if ok && p.token(last) != token {
			t.Errorf("%q is also %q", token, p.token(last))
		}
	})
}

// No two values share the beginning of a key, and none is cut.
func FuzzTerm(f *testing.F) {
	f.Add("a", "ab")
	f.Add("", "\x00")
	f.Add(strings.Repeat("a", 254), strings.Repeat("a", 255))
	f.Add(strings.Repeat("a", 300), strings.Repeat("a", 300)+"b")
	f.Fuzz(func(t *testing.T, a, b string) {
		if valid(a) == valid(b) {
			return
		}
		if bytes.HasPrefix(term(a), term(b)) {
			t.Errorf("%q begins with %q", a, b)
		}
		if len(term(a)) > 256 {
			t.Errorf("a key of %d bytes", len(term(a)))
		}
	})
}

func TestValid_IsWhatJSONMakesOfIt(t *testing.T) {
	for _, s := range []string{"", "a", "\xff", "\xff\xfe", "a\xc3", "ü\xa0", "\xed\xa0\x80"} {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(raw, &back); err != nil || back != valid(s) {
			t.Errorf("%q: JSON %q, valid %q", s, back, valid(s))
		}
	}
}

func TestMoment_SortsAsTimeDoes(t *testing.T) {
	times := []time.Time{{}, time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Unix(0, 0), time.Unix(0, 1),
		time.Unix(1, 0), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
	for i, x := range times {
		got, err := parseMoment(moment(x))
		if err != nil || !got.Equal(x) {
			t.Errorf("%v came back as %v, %v", x, got, err)
		}
		if i > 0 && bytes.Compare(moment(times[i-1]), moment(x)) >= 0 {
			t.Errorf("%v does not sort before %v", times[i-1], x)
		}
	}
}

func TestPaging_BeyondTheLastNumberThereIsNothing(t *testing.T) {
	for _, up := range []bool{false, true} {
		p, err := newPaging(0, "", up, "q")
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range []uint64{1, math.MaxUint64 - 1} {
			q, err := newPaging(0, p.token(last), up, "q")
			if err != nil {
				t.Fatal(err)
			}
			w := span{low: 1, high: 5, up: up}
			_, ok := w.seek(q.start)
			if ok != ((last == 1) == up) {
				t.Errorf("after %d, up %v: %v", last, up, ok)
			}
		}
		for _, last := range []uint64{0, math.MaxUint64} {
			if _, err := newPaging(0, p.token(last), up, "q"); !errors.Is(err, engine.ErrInvalid) {
				t.Errorf("token for %d: %v", last, err)
			}
		}
	}
}

func TestRecord_WhatANewerVersionWroteIsRefused(t *testing.T) {
	r, e := testRequest(1)
	request, err := encodeRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := encodeEntry(e)
	if err != nil {
		t.Fatal(err)
	}
	newer := func(b []byte) []byte { return append([]byte{recordVersion + 1}, b[1:]...) }
	added := func(b []byte) []byte { return bytes.Replace(b, []byte(`"id":`), []byte(`"new":1,"id":`), 1) }
	longer := func(b []byte) []byte { return append(slices.Clone(b), '1') }
	for name, change := range map[string]func([]byte) []byte{"another version": newer, "a new field": added, "more behind it": longer} {
		if _, err := decodeRequest(change(request)); !errors.Is(err, errRecord) {
			t.Errorf("request with %s: %v", name, err)
		}
		if _, err := decodeEntry(change(entry)); !errors.Is(err, errRecord) {
			t.Errorf("entry with %s: %v", name, err)
		}
	}
	r.State = "NEW"
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeRequest(append([]byte{recordVersion}, raw...)); !errors.Is(err, errRecord) {
		t.Errorf("request with a new state: %v", err)
	}
}
