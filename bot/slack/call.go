package slack

import (
	"context"
	"time"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
)

// groupsFor is how long the list of user groups, and whose an address is, is believed.
const groupsFor = 10 * time.Minute

// callers finds out whom the card calls. Whoever cannot be found is named
// instead of called: a card is never held up by a mention.
func (c *Client) callers(ctx context.Context, card bot.Card) map[bot.Word]string {
	calls := map[bot.Word]string{}
	for _, w := range card.Text {
		switch w.Kind {
		case bot.CallAlarm:
			if m := mentionOf(c.opts.AlertMention); m != "" {
				calls[w] = m
			} else if c.opts.AlertMention != "" {
				calls[w] = mentionOf(c.groupID(ctx, c.opts.AlertMention))
			}
		case bot.CallGroup:
			calls[w] = mentionOf(c.groupID(ctx, w.Text))
		case bot.CallPerson:
			if id, err := c.userFor(ctx, w.Text); err == nil {
				calls[w] = mentionOf(id)
			}
		}
	}
	return calls
}

// groupID returns what is called for a group: what is configured, or the user
// group with that handle.
func (c *Client) groupID(ctx context.Context, name string) string {
	if id := c.opts.Groups[name]; id != "" {
		return id
	}
	c.mu.Lock()
	seen := c.groups
	c.mu.Unlock()
	if c.now().Sub(seen.at) < groupsFor {
		return seen.byHandle[name]
	}
	list, err := c.api.GetUserGroupsContext(ctx)
	if err != nil {
		c.log.Warn("user groups cannot be listed, so groups are named and not called", "error", explain("usergroups.list", "", err))
		list = nil
	}
	seen = remembered{byHandle: map[string]string{}, at: c.now()}
	for _, g := range list {
		if g.DateDelete == 0 {
			seen.byHandle[g.Handle] = g.ID
		}
	}
	c.mu.Lock()
	c.groups = seen
	c.mu.Unlock()
	return seen.byHandle[name]
}

// userFor finds the account of a principal: a full member of our own workspace
// whose confirmed address it is.
func (c *Client) userFor(ctx context.Context, principal string) (string, error) {
	c.mu.Lock()
	seen := c.callable[principal]
	c.mu.Unlock()
	if c.now().Sub(seen.at) < groupsFor {
		return seen.user, nil
	}
	u, err := c.api.GetUserByEmailContext(ctx, principal)
	if err != nil {
		return "", explain("users.lookupByEmail", principal, err)
	}
	me, err := c.me(ctx)
	if err != nil {
		return "", err
	}
	if err := trusted(*u, me); err != nil {
		return "", &problem{say: "There is no " + principal + " in this workspace who can be told.", kind: errNobody}
	}
	c.mu.Lock()
	c.callable[principal] = callable{u.ID, c.now()}
	c.mu.Unlock()
	return u.ID, nil
}

// channelID turns a #name into an ID; an ID stays what it is.
func (c *Client) channelID(ctx context.Context, where string) (string, error) {
	if channelForm.MatchString(where) {
		return where, nil
	}
	c.mu.Lock()
	id, ok := c.channels[where]
	c.mu.Unlock()
	if ok {
		return id, nil
	}
	for cursor := ""; ; {
		page, next, err := c.api.GetConversationsContext(ctx, &sdk.GetConversationsParameters{
			Cursor: cursor, ExcludeArchived: true, Limit: 1000, Types: []string{"public_channel", "private_channel"},
		})
		if err != nil {
			return "", explain("conversations.list", where, err)
		}
		for _, ch := range page {
			if "#"+ch.Name == where || ch.Name == where {
				c.mu.Lock()
				c.channels[where] = ch.ID
				c.mu.Unlock()
				return ch.ID, nil
			}
		}
		if cursor = next; cursor == "" {
			return "", explain("conversations.list", where, sdk.SlackErrorResponse{Err: "channel_not_found"})
		}
	}
}
