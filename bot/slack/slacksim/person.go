package slacksim

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Person is somebody of the workspace who acts. Every method does what a click or the Enter key does in Slack's own
// client, waits until the app has acknowledged it or Slack's patience is over, and returns what the person then sees.
type Person struct {
	s  *Server
	id UserID
}

// Seen is what a person sees right after acting.
type Seen struct {
	// Warning is Slack's own complaint, such as "operation_timeout"; empty when the app has acknowledged.
	Warning string
	// Confirm is the dialog that wants an answer before anything is sent.
	Confirm *Confirm
	// Errors are shown in the modal, by block id: Slack's own (a required field is empty) or the app's.
	Errors map[string]string
	// Modal is the topmost open modal, if any. A modal that the app opens after acknowledging may come later: see Wait.
	Modal *View
	// Ephemerals are those that appeared during the action.
	Ephemerals []Message
	// Options are offered for what was typed.
	Options []Option
}

// Option is one choice of a menu.
type Option struct{ Text, Value string }

// Values are what a person fills into a modal, by block id and action id. A string stands for the typed text, the value
// or label of an option, an ID, a date or a time; a []string for several; a map for the value object itself.
type Values map[string]map[string]any

// ErrCannot is wrapped by errors about actions that Slack's own client would not offer.
var ErrCannot = errors.New("not possible in slack")

func cannot(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCannot, fmt.Sprintf(format, args...))
}

// Person is the person with that ID. A person that does not exist, or is deactivated, gets an error from every method.
func (s *Server) Person(id UserID) Person { return Person{s: s, id: id} }

// begin takes the lock and finds the person. The caller unlocks.
func (p Person) begin() (*User, error) {
	p.s.mu.Lock()
	u := p.s.users[p.id]
	switch {
	case u == nil:
		return nil, cannot("there is no user %s", p.id)
	case u.Deleted:
		return nil, cannot("%s is deactivated", u.Name)
	}
	return u, nil
}

// in finds a channel that the person is a member of.
func (p Person) in(id string) (*channel, error) {
	c := p.s.channels[id]
	if c == nil || !c.has(p.id) {
		return nil, cannot("%s is not in channel %s", p.id, id)
	}
	return c, nil
}

// wait lets a delivery end and reports what the person sees. mark is the newest message before the action.
func (p Person) wait(ctx context.Context, d *delivery, mark int64) (Seen, error) {
	if d != nil {
		select {
		case <-d.done:
		case <-ctx.Done():
			return Seen{}, fmt.Errorf("wait for acknowledgement: %w", ctx.Err())
		}
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	seen := Seen{}
	if d != nil {
		seen.Warning = d.code
	}
	after := formatTS(mark)
	for _, id := range p.s.order {
		for _, m := range p.s.channels[id].messages {
			if m.EphemeralTo == p.id && m.TS > after {
				seen.Ephemerals = append(seen.Ephemerals, m.copyOf())
			}
		}
	}
	if stack := p.s.stacks[p.id]; len(stack) > 0 {
		top := p.s.viewOf(stack[len(stack)-1])
		seen.Modal, seen.Errors = &top, top.Errors
	}
	return seen, nil
}

// Slash types a slash command into a channel, for instance Slash(ctx, "C1", "/jitsudo", "request prod").
func (p Person) Slash(ctx context.Context, channelID, command, text string) (Seen, error) {
	d, mark, err := p.slash(channelID, command, text)
	if err != nil {
		return Seen{}, err
	}
	return p.wait(ctx, d, mark)
}

func (p Person) slash(channelID, command, text string) (*delivery, int64, error) {
	s := p.s
	u, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return nil, 0, err
	}
	in, err := p.in(channelID)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(s.opts.App.Commands, func(c Command) bool { return c.Name == command })
	if i < 0 {
		return nil, 0, cannot("%s is not a command of this workspace", command)
	}
	mark := s.lastTS
	d := &delivery{
		kind: "slash_commands", name: command, accepts: true, payload: s.slashPayload(u, in, s.opts.App.Commands[i], text),
	}
	d.onEnd = func(ack obj, code string) { s.slashEnded(u.ID, in, ack, code) }
	return s.deliver(d), mark, nil
}

// slashEnded shows the message that came with the acknowledgement, if any. The lock is held.
func (s *Server) slashEnded(u UserID, in *channel, ack obj, code string) {
	if code != "" {
		s.warn(u, in, Warning{Code: code, Text: "The command failed: " + code + "."})
		return
	}
	if len(ack) == 0 {
		return
	}
	c := &call{args: ack}
	said, f := s.readContent(c)
	if f != nil {
		s.warn(u, in, Warning{Code: f.code, Text: "The command's answer could not be shown: " + f.code + "."})
		return
	}
	s.add(in, s.answer(&hook{user: u, channel: in}, said, c.str("response_type")))
}

// Say writes a message into a channel. What Slack's client does to typed text (entities, mentions of names) is done.
func (p Person) Say(_ context.Context, channelID, text string) (Message, error) {
	return p.Reply(channelID, "", text)
}

// Reply is Say within a thread; an empty ts is the channel itself.
func (p Person) Reply(channelID, ts, text string) (Message, error) {
	s := p.s
	_, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return Message{}, err
	}
	in, err := p.in(channelID)
	if err != nil {
		return Message{}, err
	}
	if ts != "" && in.message(ts) == nil {
		return Message{}, cannot("there is no message %s", ts)
	}
	m := &Message{User: p.id, Text: s.escapeTyped(text, false), ThreadTS: ts}
	s.add(in, m)
	s.tellMessage(in, m)
	return m.copyOf(), nil
}

// React puts an emoji below a message, or takes the person's own away again.
func (p Person) React(channelID, ts, name string) error {
	s := p.s
	_, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return err
	}
	in, err := p.in(channelID)
	if err != nil {
		return err
	}
	m := in.visible(ts, p.id)
	if m == nil || !validEmoji(name) {
		return cannot("there is no such message or emoji")
	}
	if f := s.react(m, name, p.id); f == nil {
		return nil
	} else if f.code != "already_reacted" {
		return cannot("%s", f.code)
	}
	s.unreact(m, name, p.id)
	return nil
}

// OpenHome opens the app's Home tab.
func (p Person) OpenHome(context.Context) error { return p.open("home") }

// OpenMessages opens the direct message with the app.
func (p Person) OpenMessages(context.Context) error { return p.open("messages") }

func (p Person) open(tab string) error {
	_, err := p.begin()
	defer p.s.mu.Unlock()
	if err == nil {
		p.s.tellHome(p.id, tab)
	}
	return err
}
