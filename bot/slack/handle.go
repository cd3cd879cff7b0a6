package slack

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// envelope is something that came over a connection.
type envelope struct {
	ev  socketmode.Event
	got time.Time
	ack func(payload any) // nil acknowledges without an answer; must be called once
}

// ackIn is how long an answer that belongs into the acknowledgement may take.
// Slack waits three seconds, the way there and back included.
const ackIn = 2 * time.Second

func (l *listener) handle(ctx context.Context, e envelope) {
	switch data := e.ev.Data.(type) {
	case sdk.SlashCommand:
		e.ack(nil)
		l.slash(ctx, data)
	case sdk.InteractionCallback:
		l.interaction(ctx, e, data)
	case slackevents.EventsAPIEvent:
		e.ack(nil)
		l.eventsAPI(ctx, data)
	default:
		e.ack(nil)
	}
}

func (l *listener) interaction(ctx context.Context, e envelope, in sdk.InteractionCallback) {
	switch in.Type {
	case sdk.InteractionTypeViewSubmission:
		l.submitted(ctx, e, in)
	case sdk.InteractionTypeBlockSuggestion:
		l.suggest(ctx, e, in)
	case sdk.InteractionTypeBlockActions:
		e.ack(nil)
		for _, a := range in.ActionCallback.BlockActions {
			l.action(ctx, in, *a)
		}
	case sdk.InteractionTypeShortcut:
		e.ack(nil)
		l.shortcut(ctx, in)
	default:
		e.ack(nil)
	}
}

func clickerOf(in sdk.InteractionCallback) clicker {
	return clicker{user: in.User.ID, team: in.Team.ID, home: in.User.TeamID, enterprise: in.Enterprise.ID, app: in.APIAppID}
}

// slash works on a slash command.
func (l *listener) slash(ctx context.Context, cmd sdk.SlashCommand) {
	to := listenerOf{user: cmd.UserID, channel: cmd.ChannelID, url: cmd.ResponseURL}
	by := clicker{user: cmd.UserID, team: cmd.TeamID, enterprise: cmd.EnterpriseID, app: cmd.APIAppID}
	actor, err := l.who(ctx, l.desk, by, "")
	if err != nil {
		l.tell(ctx, to, bot.Reply{Say: bot.Say(engine.Explain(err))})
		return
	}
	reply := l.desk.Command(ctx, actor, bot.Command{
		Text: unescape(cmd.Text), Channel: cmd.ChannelID, Key: keyOf("command", cmd.TriggerID),
	})
	l.answer(ctx, to, cmd.TriggerID, reply)
}

// keyOf makes an idempotency key; nothing to tell things apart by makes none.
func keyOf(kind string, parts ...string) string {
	for _, p := range parts {
		if p == "" {
			return ""
		}
	}
	key := kind + ":" + strings.Join(parts, ":")
	if len(key) > 200 {
		return ""
	}
	return key
}

// shortcut opens the form from anywhere.
func (l *listener) shortcut(ctx context.Context, in sdk.InteractionCallback) {
	if in.CallbackID != bot.RequestForm {
		return
	}
	l.open(ctx, in, listenerOf{user: in.User.ID})
}

func (l *listener) open(ctx context.Context, in sdk.InteractionCallback, to listenerOf) {
	actor, err := l.lately(ctx, l.desk, clickerOf(in))
	if err != nil {
		l.tell(ctx, to, bot.Reply{Say: bot.Say(engine.Explain(err))})
		return
	}
	l.answer(ctx, to, in.TriggerID, l.desk.Open(ctx, actor))
}

// action works on the press of a button, or on a choice made in a form.
func (l *listener) action(ctx context.Context, in sdk.InteractionCallback, a sdk.BlockAction) {
	to := listenerOf{user: in.User.ID, channel: in.Container.ChannelID, url: in.ResponseURL}
	if a.BlockID == bot.FieldProvider && a.ActionID == answerID {
		l.providerChosen(ctx, in)
		return
	}
	action := bot.Action(a.ActionID)
	if action == bot.Ask {
		l.open(ctx, in, to)
		return
	}
	id, revision, ok := readValue(a.Value)
	if !ok {
		return // no button of ours
	}
	actor, err := l.who(ctx, l.desk, clickerOf(in), id)
	if err != nil {
		l.tell(ctx, to, bot.Reply{Say: bot.Say(engine.Explain(err))})
		return
	}
	p := bot.Press{Action: action, RequestID: id, Revision: revision, Key: keyOf("click", in.Container.ChannelID, in.Container.MessageTs, a.ActionTs)}
	if in.Container.Type == "message" {
		p.On = engine.Message{Chat: Chat, Channel: in.Container.ChannelID, ID: in.Container.MessageTs}
	}
	l.answer(ctx, to, in.TriggerID, l.desk.Press(ctx, actor, p))
	if in.View.Type == sdk.VTHomeTab {
		l.publishHome(ctx, actor)
	}
}

// suggest offers choices for what is being typed.
func (l *listener) suggest(ctx context.Context, e envelope, in sdk.InteractionCallback) {
	ctx, cancel := context.WithDeadline(ctx, e.got.Add(ackIn))
	defer cancel()
	actor, err := l.lately(ctx, l.desk, clickerOf(in))
	if err != nil {
		e.ack(sdk.OptionsResponse{})
		return
	}
	a, _ := answers(in.View)
	e.ack(offered(l.desk.Suggest(ctx, actor, in.BlockID, in.Value, a.Values)))
}

// providerChosen keeps the platform that was chosen with the form, because
// Slack's questions for suggestions need not say it.
func (l *listener) providerChosen(ctx context.Context, in sdk.InteractionCallback) {
	a, m := answers(in.View)
	if m.Provider = a.Values[bot.FieldProvider]; m.Provider == "" {
		return
	}
	raw, err := json.Marshal(m)
	if err != nil || len(raw) > maxMeta {
		return
	}
	v := sdk.ModalViewRequest{
		Type: in.View.Type, Title: in.View.Title, Close: in.View.Close, Submit: in.View.Submit, Blocks: in.View.Blocks,
		CallbackID: in.View.CallbackID, PrivateMetadata: string(raw),
	}
	if _, err := l.api.UpdateViewContext(ctx, v, "", in.View.Hash, in.View.ID); err != nil {
		l.log.Debug("keep chosen provider", "error", explain("views.update", "", err))
	}
}

// eventsAPI works on what happened in Slack.
func (l *listener) eventsAPI(ctx context.Context, ev slackevents.EventsAPIEvent) {
	switch inner := ev.InnerEvent.Data.(type) {
	case *slackevents.AppHomeOpenedEvent:
		if inner.Tab != "home" {
			return
		}
		by := clicker{user: inner.User, team: ev.TeamID, enterprise: ev.EnterpriseID, app: ev.APIAppID}
		actor, err := l.lately(ctx, l.desk, by)
		if err != nil {
			l.publishRefusal(ctx, inner.User, err)
			return
		}
		l.publishHome(ctx, actor)
	case *slackevents.TokensRevokedEvent, *slackevents.AppUninstalledEvent:
		l.log.Error("the Slack app was removed, or its tokens were revoked: install it again and configure the new tokens")
	}
}

// fromSlack reports whether an address may be written to: Slack's own, or the
// configured server's.
func (c *Client) fromSlack(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if c.opts.APIURL != "" {
		own, err := url.Parse(c.opts.APIURL)
		return err == nil && u.Host == own.Host && u.Scheme == own.Scheme
	}
	return u.Scheme == "https" && (u.Host == "slack.com" || strings.HasSuffix(u.Host, ".slack.com"))
}
