package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/bot/slack"
	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
)

// chat is Slack as the daemon runs it: it may fail, and is tried again.
type chat struct {
	client   *slack.Client
	log      *slog.Logger
	troubles *troubles // told why it does not work just now
}

func newChat(c *config.Slack, log *slog.Logger, t *troubles) (*chat, error) {
	client, err := slack.New(slack.Options{
		BotToken: c.BotToken.Reveal(), AppToken: c.AppToken.Reveal(), APIURL: c.APIURL, TeamID: c.TeamID,
		Channel: c.Channel, OtherChannels: c.OtherChannels, AlertChannels: c.AlertChannels, AlertMention: c.AlertMention, Groups: c.Usergroups,
		Connections: c.Connections, Log: log,
	})
	if err == nil {
		t.set(partSlack, errors.New("not connected yet"))
	}
	return &chat{client: client, log: log, troubles: t}, err
}

// board is where cards are drawn.
func (c *chat) board(cfg *config.Slack) *bot.Board {
	return bot.NewBoard(c.client, bot.Places{Channel: cfg.Channel, Others: cfg.OtherChannels, Alerts: cfg.AlertChannels}, c.log)
}

// run serves Slack until ctx ends. A wrong token, a missing scope or a channel
// that the bot is not in is said, and looked at again: access must end whether
// Slack works or not, so the daemon stays.
func (c *chat) run(ctx context.Context, desk *bot.Desk) error {
	return retrying(ctx, partSlack, c.log, func(ctx context.Context) error {
		err := c.client.Check(ctx)
		c.troubles.set(partSlack, err)
		if err != nil {
			return err
		}
		err = c.client.Run(ctx, desk)
		if ctx.Err() == nil {
			c.troubles.set(partSlack, errors.Join(errors.New("disconnected"), err))
		}
		return err
	})
}
