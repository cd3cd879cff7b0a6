package bot_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/chattest"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// memory is a chat that is nothing but its messages.
type memory struct {
	messages []message
	calls    int
	fail     func(call int) error // asked before anything is done
}

type message struct {
	engine.Message
	under string
	to    string
	card  bot.Card
}

var errDown = errors.New("the chat is down")

func (m *memory) begin(ctx context.Context) error {
	m.calls++
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.fail != nil {
		return m.fail(m.calls)
	}
	return nil
}

func (m *memory) add(channel, under, to string, c bot.Card) engine.Message {
	x := message{engine.Message{Chat: "memory", Channel: channel, ID: strconv.Itoa(len(m.messages) + 1)}, under, to, c}
	m.messages = append(m.messages, x)
	return x.Message
}

func (m *memory) Post(ctx context.Context, channel string, c bot.Card) (engine.Message, error) {
	if err := m.begin(ctx); err != nil {
		return engine.Message{}, err
	}
	if channel == "closed" {
		return engine.Message{}, errors.New("not in that channel")
	}
	return m.add(channel, "", "", c), nil
}

func (m *memory) Reply(ctx context.Context, under engine.Message, c bot.Card) (engine.Message, error) {
	if err := m.begin(ctx); err != nil {
		return engine.Message{}, err
	}
	return m.add(under.Channel, under.ID, "", c), nil
}

func (m *memory) Edit(ctx context.Context, at engine.Message, c bot.Card) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	for i := range m.messages {
		if m.messages[i].Message == at {
			m.messages[i].card = c
			return nil
		}
	}
	return engine.ErrNotFound
}

func (m *memory) Direct(ctx context.Context, to bot.Person, c bot.Card) (engine.Message, error) {
	if err := m.begin(ctx); err != nil {
		return engine.Message{}, err
	}
	if !strings.HasSuffix(to.ID, "@example.com") || strings.HasPrefix(to.ID, "mallory") {
		return engine.Message{}, engine.ErrNotFound
	}
	return m.add("direct "+to.ID, "", to.ID, c), nil
}

func (m *memory) seen(x message) chattest.Seen {
	s := chattest.Seen{Text: x.card.Title + " " + x.card.Text.String() + " " + x.card.Quote + " " + x.card.Foot.String()}
	for _, f := range x.card.Facts {
		s.Text += " " + f.Label + ": " + f.Value.String()
	}
	for _, b := range x.card.Buttons {
		s.Buttons = append(s.Buttons, b.Action)
	}
	for _, w := range x.card.Text {
		if w.Kind == bot.CallGroup && w.Text == "leads" {
			s.Called = append(s.Called, "bob@example.com")
		}
	}
	return s
}

// TestMemory_Contract: the contract can be kept by a chat that is no Slack.
func TestMemory_Contract(t *testing.T) {
	chattest.Run(t, func(*testing.T) chattest.World {
		m := &memory{}
		return chattest.World{
			Chat: m, Channel: "requests", Closed: "closed", Alice: bot.Person{ID: "alice@example.com"},
			Stranger: bot.Person{ID: "mallory@example.com"}, Group: "leads", Members: []string{"bob@example.com"},
			See: func(at engine.Message) (chattest.Seen, bool) {
				for _, x := range m.messages {
					if x.Message == at {
						return m.seen(x), true
					}
				}
				return chattest.Seen{}, false
			},
			Thread: func(at engine.Message) []chattest.Seen {
				var below []chattest.Seen
				for _, x := range m.messages {
					if x.under == at.ID {
						below = append(below, m.seen(x))
					}
				}
				return below
			},
			Delete: func(at engine.Message) error {
				m.messages = slices.DeleteFunc(m.messages, func(x message) bool { return x.Message == at })
				return nil
			},
		}
	})
}
