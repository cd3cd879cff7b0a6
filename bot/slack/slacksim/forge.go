package slacksim

import (
	"context"
	"fmt"
	"maps"
)

// Outcome is what became of a forged envelope.
type Outcome struct {
	Code string // empty when it was acknowledged, otherwise operation_timeout or dispatch_failed
	Ack  map[string]any
}

// Forge delivers an envelope that no person of this workspace could have caused: kind is slash_commands, interactive or
// events_api, the payload goes out as it is. It waits for the end of the delivery.
func (s *Server) Forge(ctx context.Context, kind string, payload map[string]any) (Outcome, error) {
	s.mu.Lock()
	var got obj
	d := &delivery{kind: kind, name: "forged", payload: maps.Clone(payload), accepts: kind != "events_api"}
	if kind == "events_api" {
		d.extra = obj{"retry_attempt": 0, "retry_reason": ""}
	}
	d.onEnd = func(ack obj, _ string) { got = ack }
	s.deliver(d)
	s.mu.Unlock()
	select {
	case <-d.done:
	case <-ctx.Done():
		return Outcome{}, fmt.Errorf("wait for acknowledgement: %w", ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Outcome{Code: d.code, Ack: got}, nil
}

// PressPayload is the payload that a press by anybody, member of the channel or not, deactivated or not, on any message
// would have. It can be changed and given to Forge.
func (s *Server) PressPayload(who UserID, channelID, ts, actionID string) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, in := s.users[who], s.channels[channelID]
	if u == nil || in == nil || in.message(ts) == nil {
		return nil, fmt.Errorf("slack simulator: no such user, channel or message: %s %s %s", who, channelID, ts)
	}
	o := origin{channel: in, message: in.message(ts)}
	e, found := findElement(o.blocks(), "", actionID)
	if !found {
		return nil, fmt.Errorf("slack simulator: the message has no element %s", actionID)
	}
	return s.blockActions(u, o, s.actionOf(e, nil)), nil
}

// PostAs puts a message into a channel in somebody's name without any check. In the name of the app's bot user it is what
// anybody who holds the bot token can post.
func (s *Server) PostAs(who UserID, m Message) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.channels[m.Channel]
	if in == nil {
		return Message{}, fmt.Errorf("slack simulator: there is no channel %s", m.Channel)
	}
	m.User, m.BotID = who, ""
	if who == s.opts.App.BotUser {
		m.BotID = s.opts.App.BotID
	}
	m.TS, m.Blocks = "", s.withIDs(m.Blocks)
	added := &m
	s.add(in, added)
	return added.copyOf(), nil
}
