package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Places say where a [Board] shows what.
type Places struct {
	Channel string   // where cards go
	Others  []string // further channels that a policy may send cards to
	Alerts  []string // where break-glass alerts go; none: the channel of the card
}

// Board shows requests in a chat. It is the engine's Notifier.
type Board struct {
	chat   Chat
	places Places
	log    *slog.Logger

	mu     sync.Mutex
	done   map[string]bool // what is told already but has no place on record: alerts in several channels, warnings
	recent []string        // the keys of done, oldest first
}

// NewBoard makes a Board. A nil log means none.
func NewBoard(chat Chat, places Places, log *slog.Logger) *Board {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if len(places.Alerts) == 0 {
		places.Alerts = []string{places.Channel}
	}
	return &Board{chat: chat, places: places, log: log, done: map[string]bool{}}
}

// showing is one Show under way.
type showing struct {
	*Board
	engine.Showing
	r     engine.Request
	drawn engine.Drawing
}

// Show draws the card and the call anew, and tells what was not told yet. One
// part that fails does not keep the others from being done; what has been done
// is put on record at once.
func (b *Board) Show(ctx context.Context, s engine.Showing) (engine.Drawing, error) {
	w := &showing{Board: b, Showing: s, r: s.Request, drawn: s.Request.Drawing}
	err := w.alert(ctx)
	if cardErr := w.card(ctx); cardErr != nil {
		return w.drawn, errors.Join(err, cardErr)
	}
	if callErr := w.call(ctx); callErr != nil {
		return w.drawn, errors.Join(err, callErr)
	}
	err = errors.Join(err, w.direct(ctx))
	return w.drawn, errors.Join(err, w.tell(ctx), w.warn(ctx))
}

// keep puts on record how far the drawing has come.
func (w *showing) keep() error {
	if w.Keep == nil {
		return nil
	}
	return w.Keep(w.drawn)
}

// alert tells the alert channels of a break-glass, each of them once.
func (w *showing) alert(ctx context.Context) error {
	if !w.r.BreakGlass || !w.drawn.Alert.IsZero() {
		return nil
	}
	var errs error
	var first engine.Message
	for _, channel := range w.places.Alerts {
		key := "alert " + w.r.ID + " " + channel
		if w.isDone(key) {
			continue
		}
		m, err := w.chat.Post(ctx, channel, AlertOf(w.r))
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("post break-glass alert: %w", err))
			continue
		}
		w.markDone(key)
		if first.IsZero() {
			first = m
		}
	}
	if errs != nil {
		return errs
	}
	if first.IsZero() { // all were told before, by a Show that failed elsewhere
		first = engine.Message{Chat: "told"}
	}
	w.drawn.Alert = first
	return w.keep()
}

// card posts the card, or draws it anew. One that somebody has deleted, or that
// can no longer be edited, is posted again.
func (w *showing) card(ctx context.Context) error {
	c := CardOf(w.r)
	if !w.drawn.Card.IsZero() {
		err := w.chat.Edit(ctx, w.drawn.Card, c)
		if err == nil {
			return nil
		}
		if !errors.Is(err, engine.ErrNotFound) {
			return fmt.Errorf("redraw card: %w", err)
		}
		w.log.Warn("card is gone, posting it again", "request", w.r.ID, "error", err)
	}
	m, err := w.chat.Post(ctx, w.channel(), c)
	if err != nil {
		return fmt.Errorf("post card: %w", err)
	}
	w.drawn.Card, w.drawn.Call = m, engine.Message{}
	return w.keep()
}

// channel is where the card goes: where policy says, if that is allowed.
func (b *Board) channelOf(r engine.Request) string {
	if slices.Contains(b.places.Others, r.Terms.Channel) {
		return r.Terms.Channel
	}
	return b.places.Channel
}

func (w *showing) channel() string { return w.channelOf(w.r) }

// call calls the approvers while the request waits, and keeps the call up to date.
func (w *showing) call(ctx context.Context) error {
	if !w.drawn.Call.IsZero() {
		err := w.chat.Edit(ctx, w.drawn.Call, CallOf(w.r))
		if err == nil {
			return nil
		}
		if !errors.Is(err, engine.ErrNotFound) {
			return fmt.Errorf("redraw call: %w", err)
		}
	}
	if w.r.State != engine.Pending {
		return nil
	}
	m, err := w.chat.Reply(ctx, w.drawn.Card, CallOf(w.r))
	if err != nil {
		return fmt.Errorf("call approvers: %w", err)
	}
	w.drawn.Call = m
	return w.keep()
}

// direct tells the requester that the access is live, and later takes the button
// out of that message.
func (w *showing) direct(ctx context.Context) error {
	to := Person{ID: w.r.Requester, Account: w.r.RequesterAccount}
	switch {
	case w.r.State == engine.Active && w.drawn.Direct.IsZero():
		m, err := w.chat.Direct(ctx, to, LiveOf(w.r, w.HowTo))
		if final(err) {
			w.log.Info("requester cannot be told in the chat", "request", w.r.ID, "error", err)
			return nil
		}
		if err != nil {
			return fmt.Errorf("tell requester: %w", err)
		}
		w.drawn.Direct = m
		return w.keep()
	case w.r.State != engine.Active && !w.drawn.Direct.IsZero():
		if err := w.chat.Edit(ctx, w.drawn.Direct, GoneOf(w.r)); err != nil && !final(err) {
			return fmt.Errorf("redraw requester's message: %w", err)
		}
	}
	return nil
}

// tell tells the events in the thread, in order, and to the requester what
// concerns them. The same thing many times over is told once.
func (w *showing) tell(ctx context.Context) error {
	for i, e := range w.Events {
		if err := w.tellThread(ctx, i); err != nil {
			return fmt.Errorf("tell in thread: %w", err)
		}
		if c, ok := TellRequester(e, w.r); ok {
			_, err := w.chat.Direct(ctx, Person{ID: w.r.Requester, Account: w.r.RequesterAccount}, c)
			if err != nil && !final(err) {
				return fmt.Errorf("tell requester: %w", err)
			}
		}
		w.drawn.Told = e.ID
		if err := w.keep(); err != nil {
			return err
		}
	}
	return nil
}

func (w *showing) tellThread(ctx context.Context, i int) error {
	e := w.Events[i]
	line, ok := LineOf(e, w.r)
	key := fmt.Sprintf("line %s %d", w.r.ID, e.ID)
	if !ok || repeated(w.Events, i) || w.isDone(key) {
		return nil
	}
	_, err := w.chat.Reply(ctx, w.drawn.Card, Card{Text: line, RequestID: w.r.ID})
	if err != nil && !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	if _, more := TellRequester(e, w.r); more {
		w.markDone(key) // should the requester's part fail, this one is not said again
	}
	return nil
}

// repeated reports whether the next event tells just the same.
func repeated(events []engine.Event, i int) bool {
	if i+1 >= len(events) {
		return false
	}
	a, b := events[i], events[i+1]
	return a.Action == b.Action && a.Actor == b.Actor && a.Outcome == b.Outcome && detail(a, "reason") == detail(b, "reason") && a.Action != engine.EvApproved
}

// warn tells the requester that the end is near.
func (w *showing) warn(ctx context.Context) error {
	key := "warn " + w.r.ID
	if w.r.State != engine.Active || !w.r.Work.Warned || w.isDone(key) {
		return nil
	}
	_, err := w.chat.Direct(ctx, Person{ID: w.r.Requester, Account: w.r.RequesterAccount}, EndingOf(w.r))
	if err != nil && !final(err) {
		return fmt.Errorf("warn requester: %w", err)
	}
	w.markDone(key)
	return nil
}

// final reports whether another try is useless.
func final(err error) bool {
	return errors.Is(err, engine.ErrNotFound) || errors.Is(err, engine.ErrForbidden)
}

// maxDone bounds what a Board remembers.
const maxDone = 10_000

func (b *Board) isDone(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done[key]
}

func (b *Board) markDone(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[key] = true
	b.recent = append(b.recent, key)
	if len(b.recent) > maxDone {
		delete(b.done, b.recent[0])
		b.recent = b.recent[1:]
	}
}
