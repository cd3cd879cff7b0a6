package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// board is a chat: it keeps what it was told and what its card shows.
type board struct {
	mu    sync.Mutex
	fail  error
	state map[string]engine.State
	told  []string
	cards int
}

func (b *board) Show(_ context.Context, s engine.Showing) (engine.Drawing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := s.Request.Drawing
	if b.fail != nil {
		return d, b.fail
	}
	if d.Card.IsZero() {
		b.cards++
		d.Card = engine.Message{Chat: "test", Channel: "C", ID: fmt.Sprint(b.cards)}
	}
	if b.state == nil {
		b.state = map[string]engine.State{}
	}
	b.state[s.Request.ID] = s.Request.State
	for _, e := range s.Events {
		b.told = append(b.told, e.Action)
		d.Told = e.ID
	}
	return d, nil
}

func TestCards_CatchUpWhenTheChatReturns(t *testing.T) {
	b := &board{fail: errors.New("chat is down")}
	w := newWorld(t, func(o *engine.Options) { o.Notifier = b })
	r := w.live(draft("editor")) // access does not wait for chat
	if w.get(r.ID).Drawing.Tries == 0 {
		t.Fatal("nothing was tried")
	}
	b.fail = nil
	w.run(time.Minute, 10*time.Second)
	if b.state[r.ID] != engine.Active || b.cards != 1 {
		t.Errorf("card shows %s, %d cards", b.state[r.ID], b.cards)
	}
	w.run(2*time.Hour, 10*time.Minute)
	if b.state[r.ID] != engine.Expired || b.cards != 1 {
		t.Errorf("card shows %s, %d cards", b.state[r.ID], b.cards)
	}
	want := []string{"request.created", "request.approved", "grant.intended", "grant.issued", "grant.expiring", "grant.expired"}
	if !slices.Equal(b.told, want) {
		t.Errorf("told %v", b.told)
	}
	if r := w.get(r.ID); !r.DrawAt.IsZero() {
		t.Error("an ended and drawn request is still in the queue")
	}
}

type slowDown struct{ error }

func (slowDown) RetryAfter() time.Duration { return 3 * time.Minute }

func TestD3_ChatThatAsksForAPauseGetsIt(t *testing.T) {
	b := &board{fail: slowDown{errors.New("rate limited")}}
	w := newWorld(t, func(o *engine.Options) { o.Notifier = b })
	r := w.submit("alice", draft("editor"))
	w.sweep()
	if at := w.get(r.ID).DrawAt; at.Before(noon.Add(3 * time.Minute)) {
		t.Errorf("next drawing at %s", at)
	}
}

// Two workers never draw one card at a time: there would be two cards.
func TestCards_DrawnByOneWorkerAtATime(t *testing.T) {
	b := &board{}
	w := newWorld(t, func(o *engine.Options) { o.Notifier = b })
	r := w.submit("alice", draft("editor"))
	if _, _, err := w.store.Claim(context.Background(), engine.CardQueue, w.clock(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := w.approve("bob", r); err != nil { // makes the card stale again
		t.Fatal(err)
	}
	w.sweep()
	if b.cards != 0 {
		t.Error("drawn while another worker had it")
	}
	w.run(2*time.Minute, time.Minute)
	if b.cards != 1 {
		t.Errorf("%d cards", b.cards)
	}
	w.run(2*time.Hour, time.Hour)
}
