package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// fill creates n requests and returns their IDs, newest first.
func fill(t testing.TB, s engine.Store, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range n {
		r := pending(i)
		create(t, s, r, event(r, engine.EvCreated))
		ids[n-1-i] = r.ID
	}
	return ids
}

var listCases = []kase{
	{"an empty store has an empty page", func(t *testing.T, s engine.Store) {
		page, err := s.List(t.Context(), engine.Filter{})
		if err != nil || len(page.Requests) != 0 || page.Next != "" {
			t.Fatalf("%+v, %v", page, err)
		}
	}},
	{"newest first, whatever the page size", func(t *testing.T, s engine.Store) {
		want := fill(t, s, 23)
		for _, size := range []int{0, 1, 2, 22, 23, 24, 5000} {
			same(t, list(t, s, engine.Filter{PageSize: size}), want)
		}
	}},
	{"a page is full, and the last one says so", func(t *testing.T, s engine.Store) {
		fill(t, s, engine.DefaultPage+1)
		for size, want := range map[int]int{0: engine.DefaultPage, 7: 7, engine.DefaultPage + 1: engine.DefaultPage + 1} {
			page, err := s.List(t.Context(), engine.Filter{PageSize: size})
			if err != nil || len(page.Requests) != want || (page.Next == "") != (want == engine.DefaultPage+1) {
				t.Fatalf("size %d: %d requests, next %q, %v", size, len(page.Requests), page.Next, err)
			}
		}
	}},
	{"a negative size and a token that is none are ErrInvalid", func(t *testing.T, s engine.Store) {
		fill(t, s, 5)
		_, err := s.List(t.Context(), engine.Filter{PageSize: -1})
		wantErr(t, err, engine.ErrInvalid)
		page, err := s.List(t.Context(), engine.Filter{PageSize: 2})
		wantErr(t, err, nil)
		for _, token := range mangled(page.Next) {
			_, err := s.List(t.Context(), engine.Filter{PageSize: 2, PageToken: token})
			wantErr(t, err, engine.ErrInvalid)
		}
		_, err = s.List(t.Context(), engine.Filter{State: engine.Pending, PageToken: page.Next})
		wantErr(t, err, engine.ErrInvalid)
		_, err = s.Events(t.Context(), engine.EventFilter{PageToken: page.Next})
		wantErr(t, err, engine.ErrInvalid)
	}},
	{"what is there at the first page is seen once, whatever comes meanwhile", func(t *testing.T, s engine.Store) {
		want := fill(t, s, 20)
		var got []string
		f := engine.Filter{PageSize: 3}
		for n := 100; ; n++ {
			page, err := s.List(t.Context(), f)
			wantErr(t, err, nil)
			for _, r := range page.Requests {
				got = append(got, r.ID)
			}
			if page.Next == "" {
				break
			}
			f.PageToken = page.Next
			create(t, s, pending(n))
		}
		same(t, got, want)
	}},
	{"viewers: none asked is all, an empty list is none, otherwise any of them", func(t *testing.T, s engine.Store) {
		r := pending(1)
		r.Terms.ApproverGroups, r.Terms.Approvers = []string{"g1", "g2", "g1"}, []string{"Bob@example.com"}
		create(t, s, r)
		all := []string{r.ID}
		for _, c := range []struct {
			viewers []string
			want    []string
		}{
			{nil, all}, {[]string{}, []string{}},
			{[]string{"group:g1"}, all}, {[]string{"group:g1", "group:g2"}, all},
			{[]string{"group:g3", "group:g2"}, all}, {[]string{"group:g"}, []string{}},
			{[]string{"person:bob@example.com"}, all}, {[]string{"person:alice@example.com"}, all},
			{[]string{"person:carol@example.com", ""}, []string{}}, {[]string{"group:g1\x00"}, []string{}},
		} {
			same(t, list(t, s, engine.Filter{Viewers: c.viewers}), c.want)
		}
	}},
	{"no value passes for another", func(t *testing.T, s engine.Store) {
		odd := []string{"a", "a\x00", "ab", "b", strings.Repeat("a", 254), strings.Repeat("a", 255),
			strings.Repeat("a", 300), strings.Repeat("a", 299) + "b", "\xff", "\xfe\xff"}
		for n, value := range odd {
			r := pending(n)
			r.Requester, r.Target.Provider = value, value
			create(t, s, r)
		}
		for n, value := range odd[:8] {
			want := []string{fmt.Sprintf("req_%06d", n)}
			same(t, list(t, s, engine.Filter{Requester: value}), want)
			same(t, list(t, s, engine.Filter{Provider: value}), want)
			same(t, list(t, s, engine.Filter{Provider: value, Requester: value + "x"}), []string{})
		}
	}},
	{"a state that is none has no requests", func(t *testing.T, s engine.Store) {
		fill(t, s, 2)
		same(t, list(t, s, engine.Filter{State: "PEND"}), []string{})
	}},
}

// mangled returns tokens that are none, made from one that is.
func mangled(token string) []string {
	bad := []string{"x", "0", "AAAA", "!!!", token + "A", token + "=", token[1:], token[:len(token)-1],
		strings.Repeat("A", len(token)), strings.Repeat("A", 100000), "\x00", " " + token, token + "\n"}
	for i := range token {
		other := byte('A')
		if token[i] == other {
			other = 'B'
		}
		bad = append(bad, token[:i]+string(other)+token[i+1:])
	}
	return bad
}
