package slack

import (
	"context"
	"encoding/json"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// listenerOf is where one person can be answered, alone.
type listenerOf struct {
	user    string
	channel string
	url     string // a response URL: a secret that is good for a few answers
}

// answer shows a reply: as a form where it is one.
func (l *listener) answer(ctx context.Context, to listenerOf, trigger string, r bot.Reply) {
	if r.Form == nil {
		l.tell(ctx, to, r)
		return
	}
	_, err := l.api.OpenViewContext(ctx, trigger, *modal(*r.Form, to.channel))
	if err == nil {
		return
	}
	err = explain("views.open", "", err)
	l.log.Warn("open form", "error", err)
	if r.Form.Alert != "" {
		l.tell(ctx, to, bot.Reply{Say: bot.Say(r.Form.Alert)})
		return
	}
	l.tell(ctx, to, bot.Reply{Say: bot.Say("Slack was too slow to open the form. Try again, or use the one-line form that ", bot.Name("/jitsudo help"), " shows.")})
}

// tell says something to one person alone: through the response URL, which works
// everywhere, or else as an ephemeral message, or else directly.
func (l *listener) tell(ctx context.Context, to listenerOf, r bot.Reply) {
	if r.Quiet() {
		return
	}
	blocks, text := replyBlocks(r)
	if to.url != "" && l.fromSlack(to.url) {
		err := sdk.PostWebhookCustomHTTPContext(ctx, to.url, l.http, &sdk.WebhookMessage{
			Text: text, Blocks: &sdk.Blocks{BlockSet: blocks}, ResponseType: "ephemeral",
			UnfurlLinks: new(bool), UnfurlMedia: new(bool),
		})
		if err == nil {
			return
		}
		l.log.Info("answer by response url", "error", explain("response_url", "", err))
	}
	opts := []sdk.MsgOption{sdk.MsgOptionText(text, false), sdk.MsgOptionBlocks(blocks...), sdk.MsgOptionDisableLinkUnfurl(), sdk.MsgOptionDisableMediaUnfurl()}
	if to.channel != "" {
		if _, err := l.api.PostEphemeralContext(ctx, to.channel, to.user, opts...); err == nil {
			return
		}
	}
	ch, _, _, err := l.api.OpenConversationContext(ctx, &sdk.OpenConversationParameters{Users: []string{to.user}})
	if err == nil {
		_, err = l.post(ctx, ch.ID, to.user, opts...)
	}
	if err != nil {
		l.log.Warn("answer could not be delivered", "user", to.user, "error", explain("chat.postMessage", to.user, err))
	}
}

func replyBlocks(r bot.Reply) ([]sdk.Block, string) {
	d := drawing{}
	blocks := d.blocks(bot.Card{Text: r.Say})
	text := fallback(bot.Card{Text: r.Say})
	for i, c := range r.Cards {
		c.Buttons = nil
		d.prefix = string(rune('a'+i%26)) + "-"
		blocks = append(blocks, d.blocks(c)...)
		text = fallback(c)
	}
	return blocks, text
}

// submitted works on a form that was sent. The answer belongs into the
// acknowledgement; when it takes longer than Slack waits, the form says so and is
// redrawn with the answer afterwards.
func (l *listener) submitted(ctx context.Context, e envelope, in sdk.InteractionCallback) {
	a, m := answers(in.View)
	done := make(chan bot.Reply, 1)
	l.work.Go(func() { done <- l.submit(ctx, in, a) })
	wait, cancel := context.WithDeadline(ctx, e.got.Add(ackIn))
	defer cancel()
	select {
	case r := <-done:
		l.ackSubmit(ctx, e, sent{in, m, a}, r)
	case <-wait.Done():
		e.ack(sdk.NewUpdateViewSubmissionResponse(note("One moment", bot.Say("Checking. This takes a little longer than usual …"))))
		l.late(ctx, sent{in, m, a}, <-done)
	}
}

func (l *listener) submit(ctx context.Context, in sdk.InteractionCallback, a bot.Answers) (r bot.Reply) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("submit form", "panic", p)
			r = bot.Reply{Say: bot.Say(engine.Explain(errPanic))}
		}
	}()
	actor, err := l.who(ctx, l.desk, clickerOf(in), "")
	if err != nil {
		return bot.Reply{Say: bot.Say(engine.Explain(err))}
	}
	return l.desk.Submit(ctx, actor, a)
}

var errPanic = &problem{say: "panic"}

// sent is a form that was sent: what Slack says of it, where it was opened, and
// what was filled in.
type sent struct {
	in sdk.InteractionCallback
	m  meta
	a  bot.Answers
}

// ackSubmit answers in time.
func (l *listener) ackSubmit(ctx context.Context, e envelope, s sent, r bot.Reply) {
	switch {
	case len(r.Errors) > 0:
		e.ack(sdk.NewErrorsViewSubmissionResponse(r.Errors))
	case r.Form != nil:
		update := sdk.NewUpdateViewSubmissionResponse(modal(*r.Form, s.m.In))
		if raw, err := json.Marshal(update); err == nil && len(raw) <= maxAck {
			e.ack(update)
			return
		}
		e.ack(sdk.NewUpdateViewSubmissionResponse(note("Not yet", bot.Say(r.Form.Alert))))
		l.late(ctx, s, r)
	default:
		e.ack(nil)
		l.tell(ctx, listenerOf{user: s.in.User.ID, channel: s.m.In}, r)
	}
}

// late answers after the acknowledgement, by drawing the form anew. Nothing that
// was typed is lost.
func (l *listener) late(ctx context.Context, s sent, r bot.Reply) {
	v := note("jitsudo", r.Say)
	if f, ok := l.desk.Again(s.a, r); ok {
		r.Form = &f
	}
	if r.Form != nil {
		v = modal(*r.Form, s.m.In)
	}
	if _, err := l.api.UpdateViewContext(ctx, *v, "", "", s.in.View.ID); err != nil {
		l.log.Warn("redraw form", "error", explain("views.update", "", err))
		if r.Form != nil {
			r = bot.Reply{Say: bot.Say(r.Form.Alert)}
		}
		l.tell(ctx, listenerOf{user: s.in.User.ID, channel: s.m.In}, r)
	}
}
