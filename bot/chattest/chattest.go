package chattest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// Seen is what people see of one message.
type Seen struct {
	Text    string       // everything that can be read
	Buttons []bot.Action // in order
	Called  []string     // the principals who were called by it
}

// World is a chat together with the eyes of its people.
type World struct {
	Chat     bot.Chat
	Channel  string     // where it may post
	Closed   string     // a channel where it may not, "" for none
	Alice    bot.Person // somebody who can be told
	Stranger bot.Person // a principal who has no account here
	Group    string     // a group that can be called, "" for none
	Members  []string   // the principals in that group
	// See reads a message back; false when it is not there.
	See func(engine.Message) (Seen, bool)
	// Thread lists the messages under one, oldest first.
	Thread func(engine.Message) []Seen
	// Delete removes a message behind the chat's back.
	Delete func(engine.Message) error
}

// Run holds a chat to the contract. open makes a fresh world for each case.
func Run(t *testing.T, open func(*testing.T) World) {
	cases := map[string]func(*testing.T, World){
		"a post can be read":                       postCanBeRead,
		"an edit leaves nothing of the old":        editReplaces,
		"a reply stands in the thread":             replyInThread,
		"a person is told alone":                   directTells,
		"nobody there is final":                    strangerIsFinal,
		"a deleted message is final":               deletedIsFinal,
		"a closed channel is an error":             closedChannel,
		"a group is called by words for that":      groupIsCalled,
		"text calls nobody":                        textCallsNobody,
		"an ended context does nothing":            endedContext,
		"messages are told apart":                  messagesDiffer,
		"a card may be as long as the rules allow": longCard,
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { c(t, open(t)) })
	}
}

// Request is a request to draw.
func Request() engine.Request {
	at := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)
	return engine.Request{
		ID: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV", Version: 1, Revision: 1, State: engine.Pending, Requester: "alice@example.com",
		Target: engine.Target{Provider: "sandbox", Role: "editor", Scope: "prod"}, Reason: "deploy the fix", Duration: 30 * time.Minute,
		CreatedAt: at, PendingUntil: at.Add(24 * time.Hour), Terms: engine.Terms{Required: 1},
	}
}

func post(t *testing.T, w World, c bot.Card) engine.Message {
	t.Helper()
	m, err := w.Chat.Post(t.Context(), w.Channel, c)
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	return m
}

func see(t *testing.T, w World, m engine.Message) Seen {
	t.Helper()
	s, ok := w.See(m)
	if !ok {
		t.Fatalf("message %+v is not there", m)
	}
	return s
}

func wants(t *testing.T, s Seen, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(s.Text, p) {
			t.Errorf("it says %q, want %q in it", s.Text, p)
		}
	}
}

func postCanBeRead(t *testing.T, w World) {
	s := see(t, w, post(t, w, bot.CardOf(Request())))
	wants(t, s, "Waiting for approval", "alice@example.com", "editor", "prod", "30m", "deploy the fix", "req_01ARZ3NDEKTSV4RRFFQ69G5FAV")
	if !slices.Equal(s.Buttons, []bot.Action{bot.Approve, bot.Deny}) {
		t.Errorf("its buttons are %v", s.Buttons)
	}
}

func editReplaces(t *testing.T, w World) {
	r := Request()
	m := post(t, w, bot.CardOf(r))
	r.State, r.DecidedBy, r.EndReason = engine.Rejected, "bob@example.com", "no"
	for range 2 { // the same again does no harm
		if err := w.Chat.Edit(t.Context(), m, bot.CardOf(r)); err != nil {
			t.Fatalf("edit: %v", err)
		}
	}
	s := see(t, w, m)
	wants(t, s, "Denied", "bob@example.com")
	if len(s.Buttons) > 0 || strings.Contains(s.Text, "Waiting for approval") {
		t.Errorf("something of the old is left: %q %v", s.Text, s.Buttons)
	}
}

func replyInThread(t *testing.T, w World) {
	m := post(t, w, bot.CardOf(Request()))
	for _, line := range []string{"first", "second"} {
		if _, err := w.Chat.Reply(t.Context(), m, bot.Card{Text: bot.Say(line)}); err != nil {
			t.Fatalf("reply: %v", err)
		}
	}
	below := w.Thread(m)
	if len(below) != 2 {
		t.Fatalf("there are %d replies, want two", len(below))
	}
	wants(t, below[0], "first")
	wants(t, below[1], "second")
}

func directTells(t *testing.T, w World) {
	r := Request()
	r.State, r.ExpiresAt = engine.Active, r.CreatedAt.Add(r.Duration)
	m, err := w.Chat.Direct(t.Context(), w.Alice, bot.LiveOf(r, "Run `kubectl get pods`."))
	if err != nil {
		t.Fatalf("direct: %v", err)
	}
	s := see(t, w, m)
	wants(t, s, "Your access is live", "kubectl get pods")
	if !slices.Equal(s.Buttons, []bot.Action{bot.Revoke}) {
		t.Errorf("its buttons are %v", s.Buttons)
	}
	byName := bot.Person{ID: w.Alice.ID} // asked elsewhere: no account of this chat is known
	if _, err := w.Chat.Direct(t.Context(), byName, bot.Card{Text: bot.Say("hello")}); err != nil {
		t.Errorf("direct, by principal alone: %v", err)
	}
}

func strangerIsFinal(t *testing.T, w World) {
	_, err := w.Chat.Direct(t.Context(), w.Stranger, bot.Card{Text: bot.Say("hello")})
	if !errors.Is(err, engine.ErrNotFound) && !errors.Is(err, engine.ErrForbidden) {
		t.Errorf("the error is %v, want one that says another try is useless", err)
	}
}

func deletedIsFinal(t *testing.T, w World) {
	m := post(t, w, bot.CardOf(Request()))
	if err := w.Delete(m); err != nil {
		t.Fatal(err)
	}
	if err := w.Chat.Edit(t.Context(), m, bot.CardOf(Request())); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("the error is %v, want engine.ErrNotFound", err)
	}
}

func closedChannel(t *testing.T, w World) {
	if w.Closed == "" {
		t.Skip("this world has no channel that is closed to the bot")
	}
	m, err := w.Chat.Post(t.Context(), w.Closed, bot.CardOf(Request()))
	if err == nil || !m.IsZero() {
		t.Errorf("posted %+v to a closed channel (%v)", m, err)
	}
	if errors.Is(err, engine.ErrNotFound) || errors.Is(err, engine.ErrForbidden) {
		t.Errorf("the error is final (%v), and the card would be lost", err)
	}
}

func groupIsCalled(t *testing.T, w World) {
	if w.Group == "" {
		t.Skip("this world has no group that can be called")
	}
	r := Request()
	r.Terms.ApproverGroups = []string{w.Group, "a group nobody has heard of"}
	s := see(t, w, post(t, w, bot.CallOf(r)))
	if !slices.Equal(s.Called, w.Members) {
		t.Errorf("%v were called, want %v", s.Called, w.Members)
	}
	wants(t, s, "a group nobody has heard of")
}

func textCallsNobody(t *testing.T, w World) {
	r := Request()
	r.Reason = "<!channel> @here @everyone <@UBOB> <@&1> @" + w.Group
	r.Target.Role, r.Ticket = "<!here>", "@everyone"
	for _, c := range []bot.Card{bot.CardOf(r), bot.CallOf(r), {Text: bot.Say(r.Reason)}, {Quote: r.Reason}, {Title: r.Reason}, {Foot: bot.Say(r.Reason)}} {
		if s := see(t, w, post(t, w, c)); len(s.Called) > 0 {
			t.Errorf("%q calls %v", s.Text, s.Called)
		}
	}
}

func endedContext(t *testing.T, w World) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := w.Chat.Post(ctx, w.Channel, bot.CardOf(Request())); err == nil {
		t.Errorf("posted %+v although nobody waits any more", m)
	}
}

func messagesDiffer(t *testing.T, w World) {
	a, b := post(t, w, bot.CardOf(Request())), post(t, w, bot.CardOf(Request()))
	if a.Same(b) || a.Chat == "" || a.Channel == "" || a.ID == "" {
		t.Errorf("two messages are %+v and %+v", a, b)
	}
}

func longCard(t *testing.T, w World) {
	r := Request()
	r.Target.Role, r.Target.Scope = strings.Repeat("r", engine.MaxName), strings.Repeat("s", engine.MaxName)
	r.Reason, r.Ticket = strings.Repeat("&", engine.MaxReason), strings.Repeat("<", engine.MaxTicket)
	r.Terms.ApproverGroups = slices.Repeat([]string{"a-group-with-quite-a-long-name"}, 50)
	m := post(t, w, bot.CardOf(r))
	if _, err := w.Chat.Reply(t.Context(), m, bot.CallOf(r)); err != nil {
		t.Errorf("reply: %v", err)
	}
	r.State, r.EndReason = engine.Rejected, strings.Repeat(">", engine.MaxComment)
	if err := w.Chat.Edit(t.Context(), m, bot.CardOf(r)); err != nil {
		t.Errorf("edit: %v", err)
	}
}
