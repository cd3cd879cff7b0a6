package slack

import (
	"context"
	"regexp"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// errNobody says that a person cannot be told and never will be.
var errNobody = engine.ErrNotFound

// channelForm is the form of a channel's ID.
var channelForm = regexp.MustCompile(`^[CGD][A-Z0-9]{4,30}$`)

// metadataType marks the app's messages. Everybody in the workspace can read it;
// nothing is ever decided by it.
const metadataType = "jitsudo_request"

var _ bot.Chat = (*Client)(nil)

func (c *Client) content(ctx context.Context, card bot.Card) []sdk.MsgOption {
	d := drawing{calls: c.callers(ctx, card)}
	opts := []sdk.MsgOption{
		sdk.MsgOptionText(fallback(card), false), // escaped already
		sdk.MsgOptionBlocks(d.blocks(card)...),
		sdk.MsgOptionDisableLinkUnfurl(), sdk.MsgOptionDisableMediaUnfurl(),
	}
	if card.RequestID != "" {
		opts = append(opts, sdk.MsgOptionMetadata(sdk.SlackMetadata{
			EventType: metadataType, EventPayload: map[string]any{"id": card.RequestID},
		}))
	}
	return opts
}

// Post puts a card into a channel; into none that is shared with another
// company, unless that is allowed.
func (c *Client) Post(ctx context.Context, channel string, card bot.Card) (engine.Message, error) {
	id, err := c.channelID(ctx, channel)
	if err != nil {
		return engine.Message{}, err
	}
	if err := c.unshared(ctx, id); err != nil {
		return engine.Message{}, err
	}
	return c.post(ctx, id, channel, c.content(ctx, card)...)
}

func (c *Client) post(ctx context.Context, id, name string, opts ...sdk.MsgOption) (engine.Message, error) {
	where, ts, err := c.api.PostMessageContext(ctx, id, opts...)
	if err != nil {
		return engine.Message{}, explain("chat.postMessage", name, err)
	}
	return engine.Message{Chat: Chat, Channel: where, ID: ts}, nil
}

// Reply puts a card into the thread under a message.
func (c *Client) Reply(ctx context.Context, under engine.Message, card bot.Card) (engine.Message, error) {
	if err := c.unshared(ctx, under.Channel); err != nil {
		return engine.Message{}, err
	}
	return c.post(ctx, under.Channel, under.Channel, append(c.content(ctx, card), sdk.MsgOptionTS(under.ID))...)
}

// Direct tells one person by themselves.
func (c *Client) Direct(ctx context.Context, to bot.Person, card bot.Card) (engine.Message, error) {
	me, err := c.me(ctx)
	if err != nil {
		return engine.Message{}, err
	}
	user := to.Account.Subject
	if to.Account.System != Chat || to.Account.Realm != me.team {
		if user, err = c.userFor(ctx, to.ID); err != nil {
			return engine.Message{}, err
		}
	}
	ch, _, _, err := c.api.OpenConversationContext(ctx, &sdk.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return engine.Message{}, explain("conversations.open", to.ID, err)
	}
	return c.post(ctx, ch.ID, to.ID, c.content(ctx, card)...)
}
