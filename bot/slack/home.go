package slack

import (
	"context"
	"strconv"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// publishHome draws a person's own page.
func (l *listener) publishHome(ctx context.Context, actor engine.Actor) {
	h, err := l.desk.Home(ctx, actor)
	if err != nil {
		l.log.Error("home", "actor", actor.ID, "error", err)
		return
	}
	l.publish(ctx, actor.Account.Subject, homeBlocks(h))
}

func (l *listener) publishRefusal(ctx context.Context, user string, why error) {
	l.publish(ctx, user, drawing{}.blocks(bot.Card{Text: bot.Say(engine.Explain(why))}))
}

func (l *listener) publish(ctx context.Context, user string, blocks []sdk.Block) {
	_, err := l.api.PublishViewContext(ctx, sdk.PublishViewContextRequest{
		UserID: user, View: sdk.HomeTabViewRequest{Type: sdk.VTHomeTab, Blocks: sdk.Blocks{BlockSet: blocks}},
	})
	if err != nil {
		l.log.Warn("publish home", "error", explain("views.publish", user, err))
	}
}

// maxHome bounds the cards of a page, because a page has at most 100 blocks.
const maxHome = 18

func homeBlocks(h bot.Home) []sdk.Block {
	blocks := drawing{prefix: "ask-"}.blocks(bot.Card{
		Title: "Temporary access", Text: bot.Say("Ask for access for a while; it ends by itself."), Buttons: []bot.Button{h.Ask},
	})
	for i, c := range h.Own {
		if i == maxHome {
			break
		}
		blocks = append(blocks, sdk.NewDividerBlock())
		blocks = append(blocks, drawing{prefix: "own" + strconv.Itoa(i) + "-"}.blocks(c)...)
	}
	if len(h.Own) == 0 {
		blocks = append(blocks, drawing{prefix: "none-"}.blocks(bot.Card{Text: bot.Say("You have no access and no request just now.")})...)
	}
	if len(h.Others) > 0 {
		blocks = append(blocks, sdk.NewDividerBlock())
		blocks = append(blocks, drawing{prefix: "others-"}.blocks(bot.Card{
			Title: "Waiting for a decision", Text: h.Others, Foot: bot.Say("Decide on the card in the channel."),
		})...)
	}
	return blocks
}
