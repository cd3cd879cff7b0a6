package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/slack-go/slack"
)

// Scopes are what the bot token must be allowed to do, each with a reason.
func Scopes() []string {
	return []string{
		"channels:read",    // whether a channel is shared with another company
		"chat:write",       // cards and threads
		"commands",         // /jitsudo
		"groups:read",      // the same for private channels
		"im:write",         // telling the requester
		"usergroups:read",  // calling the group that may approve
		"users:read",       // who clicked
		"users:read.email", // which principal that is
	}
}

// Check looks, at the start, whether everything is as it must be: the tokens,
// the scopes, the workspace and each channel. What is wrong is said in one
// sentence each, joined.
func (c *Client) Check(ctx context.Context) error {
	answer, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return explain("auth.test", "", err)
	}
	if _, err := c.me(ctx); err != nil {
		return err
	}
	errs := missingOf(answer.Header.Get("X-OAuth-Scopes"))
	if _, _, err := c.api.StartSocketModeContext(ctx); err != nil {
		errs = errors.Join(errs, explain("apps.connections.open", "", err))
	}
	channels := append([]string{c.opts.Channel}, c.opts.OtherChannels...)
	for _, name := range append(channels, c.opts.AlertChannels...) {
		errs = errors.Join(errs, c.checkChannel(ctx, name))
	}
	return errs
}

// missingOf says which scopes are missing, as far as Slack says which there are.
func missingOf(granted string) error {
	if granted == "" {
		return nil
	}
	var have, missing []string
	for _, s := range strings.Split(granted, ",") {
		have = append(have, strings.TrimSpace(s))
	}
	for _, s := range Scopes() {
		if !slices.Contains(have, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &problem{say: missingScope("bot token", strings.Join(missing, ", "))}
}

func (c *Client) checkChannel(ctx context.Context, name string) error {
	if name == "" {
		return &problem{say: "No Slack channel is configured. Set slack.channel to the ID of the channel where requests are to be posted."}
	}
	id, err := c.channelID(ctx, name)
	if err != nil {
		return err
	}
	ch, err := c.api.GetConversationInfoContext(ctx, &sdk.GetConversationInfoInput{ChannelID: id})
	switch {
	case err != nil:
		return explain("conversations.info", name, err)
	case ch.IsArchived:
		return explain("conversations.info", name, sdk.SlackErrorResponse{Err: "is_archived"})
	case !ch.IsMember:
		return explain("conversations.info", name, sdk.SlackErrorResponse{Err: "not_in_channel"})
	}
	if err := c.unshared(ctx, id); err != nil {
		return fmt.Errorf("%w", err)
	}
	return nil
}
