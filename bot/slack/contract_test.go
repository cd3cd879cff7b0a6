package slack_test

import (
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/chattest"
	"github.com/jitsudo-chat/jitsudo/bot/slack"
	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// TestContract holds the client to the contract of a chat.
func TestContract(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chattest.World {
		r := newRig(t)
		return chattest.World{
			Chat: r.client, Channel: requests, Closed: "CACME",
			Alice:    bot.Person{ID: "alice@example.com", Account: engine.Account{System: slack.Chat, Realm: "TEXAMPLE", Subject: alice}},
			Stranger: bot.Person{ID: "mallory@example.com"},
			Group:    "sre-leads", Members: []string{"bob@example.com"},
			See: func(m engine.Message) (chattest.Seen, bool) {
				for _, x := range r.everything(m.Channel) {
					if x.TS == m.ID {
						return r.asSeen(x), true
					}
				}
				return chattest.Seen{}, false
			},
			Thread: func(m engine.Message) []chattest.Seen {
				var below []chattest.Seen
				for _, x := range r.sim.Thread(m.Channel, m.ID) {
					if x.TS != m.ID {
						below = append(below, r.asSeen(x))
					}
				}
				return below
			},
			Delete: func(m engine.Message) error {
				return r.deleteMessage(slacksim.Message{Channel: m.Channel, TS: m.ID})
			},
		}
	})
}

func (r *rig) everything(channel string) []slacksim.Message {
	all := r.sim.Messages(channel)
	return append(all, r.threads(channel, all)...)
}

func (r *rig) asSeen(m slacksim.Message) chattest.Seen {
	s := chattest.Seen{Text: textOf(m)}
	for _, id := range ids(m.Blocks) {
		switch a := bot.Action(id); a {
		case bot.Approve, bot.Deny, bot.Revoke, bot.Cancel:
			s.Buttons = append(s.Buttons, a)
		}
	}
	for _, id := range m.Pings {
		u, _ := r.sim.User(id)
		s.Called = append(s.Called, u.Email)
	}
	return s
}
