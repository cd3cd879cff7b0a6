package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/chattest"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// life is a request's life as the board is shown it: each step a state and the
// events that came with it.
func life(breakGlass bool) []engine.Showing {
	r := chattest.Request()
	r.BreakGlass = breakGlass
	id := uint64(0)
	event := func(actor, action string, details map[string]any) engine.Event {
		id++
		return engine.Event{ID: id, Actor: actor, Action: action, Outcome: engine.Success, Details: details, RequestID: r.ID}
	}
	step := func(s engine.State, events ...engine.Event) engine.Showing {
		r.State = s
		return engine.Showing{Request: r.Clone(), Events: events}
	}
	var steps []engine.Showing
	steps = append(steps, step(engine.Pending, event("alice@example.com", engine.EvCreated, nil)))
	r.Approvals = []engine.Approval{{Approver: "bob@example.com"}}
	r.ExpiresAt = r.CreatedAt.Add(r.Duration)
	steps = append(steps, step(engine.Active, event("bob@example.com", engine.EvApproved, map[string]any{"approvals": 1, "required_approvals": 1}),
		event(engine.System, engine.EvIntended, nil), event(engine.System, engine.EvIssued, nil)))
	r.Work.Warned = true
	steps = append(steps, step(engine.Active))
	r.Work.Warned = false
	steps = append(steps, step(engine.Expired, event(engine.System, engine.EvExpiring, nil), event(engine.System, engine.EvExpired, nil)))
	return steps
}

// play shows a life to a board, each step until it succeeds, the way the engine
// does: what was kept is what the next try begins with.
func play(t *testing.T, b *bot.Board, steps []engine.Showing) {
	t.Helper()
	var kept engine.Drawing
	for _, s := range steps {
		events := s.Events
		for try := 0; ; try++ {
			s.Request.Drawing = kept
			s.Events = slices.DeleteFunc(slices.Clone(events), func(e engine.Event) bool { return e.ID <= kept.Told })
			s.Keep = func(d engine.Drawing) error { kept = d; return nil }
			d, err := b.Show(t.Context(), s)
			kept = d
			if err == nil {
				break
			}
			if try > 5 {
				t.Fatalf("it does not come to an end: %v", err)
			}
		}
	}
}

// story is everything that a chat says in the end.
func story(m *memory) string {
	var all []string
	for _, x := range m.messages {
		s := m.seen(x)
		where := x.Channel
		if x.under != "" {
			where = "  thread"
		}
		all = append(all, fmt.Sprintf("%s | %s %v", where, strings.Join(strings.Fields(s.Text), " "), s.Buttons))
	}
	slices.Sort(all) // a part that failed is done later than others
	return strings.Join(all, "\n")
}

// TestB2_EveryFailureMends: whichever call fails, in the end everything has been
// said, and said once.
func TestB2_EveryFailureMends(t *testing.T) {
	for _, breakGlass := range []bool{false, true} {
		calm := &memory{}
		places := bot.Places{Channel: "requests", Alerts: []string{"incidents", "security"}}
		play(t, bot.NewBoard(calm, places, nil), life(breakGlass))
		want := story(calm)
		for n := 1; n <= calm.calls; n++ {
			t.Run(fmt.Sprintf("break-glass %v, call %d fails", breakGlass, n), func(t *testing.T) {
				m := &memory{fail: func(call int) error {
					if call == n {
						return errDown
					}
					return nil
				}}
				play(t, bot.NewBoard(m, places, nil), life(breakGlass))
				if got := story(m); got != want {
					t.Errorf("it says\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

// TestShow_OneAlertChannelBroken: the other one is alerted, once, and the card
// and the access do not wait.
func TestShow_OneAlertChannelBroken(t *testing.T) {
	m := &memory{}
	b := bot.NewBoard(m, bot.Places{Channel: "requests", Alerts: []string{"closed", "incidents"}}, nil)
	r := chattest.Request()
	r.BreakGlass, r.State = true, engine.Active
	for range 3 {
		d, err := b.Show(t.Context(), engine.Showing{Request: r})
		if err == nil {
			t.Error("the broken channel is not reported")
		}
		r.Drawing = d
	}
	n := map[string]int{}
	for _, x := range m.messages {
		n[x.Channel]++
	}
	if n["incidents"] != 1 || n["requests"] != 1 {
		t.Errorf("the messages are %v, want one alert and one card", n)
	}
}

// TestShow_ButtonsAreOnRecordFirst: whatever has buttons is kept before anything
// else is said.
func TestShow_ButtonsAreOnRecordFirst(t *testing.T) {
	m := &memory{}
	b := bot.NewBoard(m, bot.Places{Channel: "requests"}, nil)
	var kept []engine.Drawing
	_, err := b.Show(t.Context(), engine.Showing{Request: chattest.Request(), Keep: func(d engine.Drawing) error {
		kept = append(kept, d)
		if len(m.messages) != len(kept) {
			t.Errorf("%d messages are there and %d are on record", len(m.messages), len(kept))
		}
		return nil
	}})
	if err != nil || len(kept) != 2 || kept[0].Card.IsZero() || kept[1].Call.IsZero() {
		t.Errorf("kept is %+v (%v)", kept, err)
	}
}

// TestShow_PolicysChannel: only a channel that is allowed.
func TestShow_PolicysChannel(t *testing.T) {
	for channel, want := range map[string]string{"": "requests", "payments": "payments", "general": "requests"} {
		m := &memory{}
		b := bot.NewBoard(m, bot.Places{Channel: "requests", Others: []string{"payments"}}, nil)
		r := chattest.Request()
		r.Terms.Channel = channel
		if _, err := b.Show(t.Context(), engine.Showing{Request: r}); err != nil {
			t.Fatal(err)
		}
		if got := m.messages[0].Channel; got != want {
			t.Errorf("policy says %q, the card is in %q, want %q", channel, got, want)
		}
	}
}

// TestShow_RequesterNotHere: somebody who has no account in the chat does not
// hold up the card.
func TestShow_RequesterNotHere(t *testing.T) {
	m := &memory{}
	b := bot.NewBoard(m, bot.Places{Channel: "requests"}, nil)
	r := chattest.Request()
	r.Requester, r.State, r.ExpiresAt = "deploy-bot", engine.Active, r.CreatedAt.Add(time.Hour)
	d, err := b.Show(t.Context(), engine.Showing{Request: r, Events: []engine.Event{{ID: 7, Action: engine.EvIssued}}})
	if err != nil || d.Told != 7 {
		t.Errorf("told up to %d (%v), want 7", d.Told, err)
	}
}

// TestShow_SameThingManyTimes is told once.
func TestShow_SameThingManyTimes(t *testing.T) {
	m := &memory{}
	b := bot.NewBoard(m, bot.Places{Channel: "requests"}, nil)
	r := chattest.Request()
	var events []engine.Event
	for i := range uint64(200) {
		events = append(events, engine.Event{ID: i + 1, Actor: "slack:UDAVE", Action: engine.EvAuthRefused, Outcome: engine.Failure, Details: map[string]any{"reason": "Guests cannot use jitsudo."}})
	}
	if _, err := b.Show(t.Context(), engine.Showing{Request: r, Events: events}); err != nil {
		t.Fatal(err)
	}
	if len(m.messages) != 3 {
		t.Errorf("there are %d messages, want card, call and one line", len(m.messages))
	}
}

// TestShow_KeepFails: what cannot be put on record stops the showing.
func TestShow_KeepFails(t *testing.T) {
	m := &memory{}
	b := bot.NewBoard(m, bot.Places{Channel: "requests"}, nil)
	full := errors.New("disk full")
	_, err := b.Show(context.Background(), engine.Showing{Request: chattest.Request(), Keep: func(engine.Drawing) error { return full }})
	if !errors.Is(err, full) || len(m.messages) != 1 {
		t.Errorf("%d messages (%v), want one and the error", len(m.messages), err)
	}
}
