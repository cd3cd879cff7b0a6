package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// unsharedFor is how long a channel is believed not to be shared.
const unsharedFor = time.Minute

// errShared says that people of another company read along.
var errShared = errors.New("channel is shared")

// unshared refuses channels in which people of other companies read along. A
// conversation of the bot with one person is none.
func (c *Client) unshared(ctx context.Context, id string) error {
	if c.opts.AllowShared || strings.HasPrefix(id, "D") {
		return nil
	}
	c.mu.Lock()
	seen, ok := c.shared[id]
	c.mu.Unlock()
	if ok && c.now().Sub(seen) < unsharedFor {
		return nil
	}
	ch, err := c.api.GetConversationInfoContext(ctx, &sdk.GetConversationInfoInput{ChannelID: id})
	if err != nil {
		return explain("conversations.info", id, err)
	}
	if ch.IsExtShared || ch.IsPendingExtShared {
		return &problem{cause: errShared, say: fmt.Sprintf("The channel #%s is shared with another company, so nothing is posted there. Configure another channel, or allow shared ones.", ch.Name)}
	}
	c.mu.Lock()
	c.shared[id] = c.now()
	c.mu.Unlock()
	return nil
}

// Edit draws a message anew. In a channel that has come to be shared with
// another company it takes out, once, what the message showed and its buttons;
// nothing new is shown there.
func (c *Client) Edit(ctx context.Context, m engine.Message, card bot.Card) error {
	err := c.unshared(ctx, m.Channel)
	veil := errors.Is(err, errShared)
	if err != nil && !veil {
		return err
	}
	c.mu.Lock()
	done := c.veiled[m]
	c.mu.Unlock()
	if veil && done {
		return nil
	}
	if veil {
		card = bot.Card{Text: bot.Say("This channel is shared with another company now, so details are no longer shown here.")}
	}
	if _, _, _, err = c.api.UpdateMessageContext(ctx, m.Channel, m.ID, c.content(ctx, card)...); err != nil {
		return explain("chat.update", m.Channel, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !veil {
		delete(c.veiled, m)
		return nil
	}
	if len(c.veiled) >= maxAccounts {
		clear(c.veiled) // they are drawn bare once more, which harms nothing
	}
	c.veiled[m] = true
	return nil
}
