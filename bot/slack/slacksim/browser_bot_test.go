package slacksim_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// pageBot is a small app behind the page: a form, a card with buttons, a thread, a home page and an ephemeral answer.
type pageBot struct {
	api  *slack.Client
	sock *socketmode.Client
	mute bool // never acknowledges
}

// startPageBot connects the app to sim and waits until it is there; it stops with the test.
func startPageBot(t *testing.T, sim *slacksim.Server, mute bool) *slack.Client {
	t.Helper()
	bots := httptest.NewServer(sim.BotHandler())
	t.Cleanup(bots.Close)
	api := slack.New(sim.BotToken(), slack.OptionAPIURL(bots.URL+"/api/"), slack.OptionAppLevelToken(sim.AppToken()))
	b := &pageBot{api: api, sock: socketmode.New(api), mute: mute}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { defer func() { done <- struct{}{} }(); _ = b.sock.RunContext(ctx) }()
	go func() { defer func() { done <- struct{}{} }(); b.answer(ctx) }()
	t.Cleanup(func() { cancel(); <-done; <-done })
	if err := sim.Wait(t.Context(), func() bool { return sim.Connections() > 0 }); err != nil {
		t.Fatalf("app never connected: %v", err)
	}
	return api
}

func (b *pageBot) answer(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-b.sock.Events:
			if e.Request == nil || e.Request.Type == "" || b.mute {
				continue
			}
			switch data := e.Data.(type) {
			case slack.SlashCommand:
				b.command(ctx, *e.Request, data)
			case slack.InteractionCallback:
				b.interaction(ctx, *e.Request, data)
			default:
				b.event(ctx, e)
			}
		}
	}
}

func (b *pageBot) command(ctx context.Context, req socketmode.Request, c slack.SlashCommand) {
	if c.Text == "help" {
		_ = b.sock.Ack(req, map[string]any{"text": "Only *you* see this help."})
		return
	}
	_ = b.sock.Ack(req)
	_, _ = b.api.OpenViewContext(ctx, c.TriggerID, pageForm(c.ChannelID))
}

func (b *pageBot) interaction(ctx context.Context, req socketmode.Request, c slack.InteractionCallback) {
	switch c.Type {
	case slack.InteractionTypeBlockSuggestion:
		_ = b.sock.Ack(req, slack.OptionsResponse{Options: pageRoles()})
	case slack.InteractionTypeViewSubmission:
		b.submitted(ctx, req, c)
	case slack.InteractionTypeBlockActions:
		_ = b.sock.Ack(req)
		b.pressed(ctx, c)
	default:
		_ = b.sock.Ack(req)
	}
}

func (b *pageBot) submitted(ctx context.Context, req socketmode.Request, c slack.InteractionCallback) {
	got := c.View.State.Values
	if got["duration"]["v"].Value == "9h" {
		_ = b.sock.Ack(req, slack.NewErrorsViewSubmissionResponse(map[string]string{"duration": "At most 8h."}))
		return
	}
	_ = b.sock.Ack(req)
	summary := got["role"]["v"].SelectedOption.Value + "/" + got["scope"]["v"].SelectedOption.Value + "/" + got["duration"]["v"].Value +
		"/" + got["approver"]["v"].SelectedUser + "/" + got["when"]["v"].SelectedOption.Value
	for _, o := range got["extras"]["v"].SelectedOptions {
		summary += "/" + o.Value
	}
	_, _, _ = b.api.PostMessageContext(ctx, c.View.PrivateMetadata, slack.MsgOptionText("A request", false),
		slack.MsgOptionBlocks(pageCard(c.User.ID, summary, got["reason"]["v"].Value, true)...))
}

func (b *pageBot) pressed(ctx context.Context, c slack.InteractionCallback) {
	action := c.ActionCallback.BlockActions[0]
	switch action.ActionID {
	case "approve":
		ch, ts := c.Container.ChannelID, c.Container.MessageTs
		_, _, _, _ = b.api.UpdateMessageContext(ctx, ch, ts, slack.MsgOptionText("Approved", false),
			slack.MsgOptionBlocks(pageCard(c.User.ID, "approved by <@"+c.User.ID+">", "done", false)...))
		_, _, _ = b.api.PostMessageContext(ctx, ch, slack.MsgOptionTS(ts), slack.MsgOptionText("Live *now*.", false))
	case "ask":
		_, _ = b.api.OpenViewContext(ctx, c.TriggerID, pageForm("CREQUESTS"))
	}
}

func (b *pageBot) event(ctx context.Context, e socketmode.Event) {
	_ = b.sock.Ack(*e.Request)
	if e.Type != socketmode.EventTypeEventsAPI {
		return
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewHeaderBlock(plainText("Your access")),
		slack.NewActionBlock("home", slack.NewButtonBlockElement("ask", "1", plainText("Ask for access"))),
	}}}
	for _, user := range []string{"UALICE", "UBOB"} {
		_, _ = b.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: home})
	}
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func pageOption(value, label string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plainText(label), nil)
}

func pageRoles() []*slack.OptionBlockObject {
	return []*slack.OptionBlockObject{pageOption("editor", "Editor <b>of</b> things"), pageOption("admin", "Admin")}
}

func pageForm(channel string) slack.ModalViewRequest {
	none := 0
	role := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plainText("Type to search"), "v")
	role.MinQueryLength = &none
	scope := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose"), "v", pageOption("staging", "Staging"), pageOption("prod", "Production"))
	reason := slack.NewPlainTextInputBlockElement(nil, "v")
	reason.Multiline, reason.MaxLength = true, 50
	when := slack.NewRadioButtonsBlockElement("v", pageOption("now", "Now"), pageOption("later", "Later"))
	when.InitialOption = pageOption("now", "Now")
	input := func(id, label string, e slack.BlockElement, optional bool) slack.Block {
		b := slack.NewInputBlock(id, plainText(label), nil, e)
		b.Optional = optional
		return b
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "page_request", PrivateMetadata: channel,
		Title: plainText("Ask <i>now</i>"), Submit: plainText("Ask"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			input("role", "Role", role, false),
			input("scope", "Where", scope, false),
			input("duration", "How long", slack.NewPlainTextInputBlockElement(nil, "v"), false),
			input("reason", "Why", reason, false),
			input("approver", "Whom to ask", slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plainText("Anybody"), "v"), true),
			input("when", "When", when, false),
			input("extras", "More", slack.NewCheckboxGroupsBlockElement("v", pageOption("tell", "Tell me"), pageOption("log", "Log all")), true),
		}},
	}
}

func pageCard(who, summary, reason string, open bool) []slack.Block {
	blocks := []slack.Block{
		slack.NewHeaderBlock(plainText("Request")),
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{
			slack.NewTextBlockObject(slack.MarkdownType, "*Who* <@"+who+">", false, false),
			slack.NewTextBlockObject(slack.MarkdownType, "*What* "+summary, false, false),
		}, nil, slack.SectionBlockOptionBlockID("what")),
		slack.NewSectionBlock(plainText(reason), nil, nil, slack.SectionBlockOptionBlockID("why")),
	}
	if !open {
		return blocks
	}
	approve := slack.NewButtonBlockElement("approve", "r1", plainText("Approve")).WithStyle(slack.StylePrimary).
		WithConfirm(slack.NewConfirmationBlockObject(plainText("Sure?"), slack.NewTextBlockObject(slack.MarkdownType, "It is *live* at once.", false, false),
			plainText("Do it"), plainText("Not yet")))
	return append(blocks, slack.NewActionBlock("decide", approve))
}
