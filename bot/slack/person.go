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

// clicker is what an envelope says about who did something.
type clicker struct {
	user       string
	team       string // of the workspace where it happened
	home       string // of the account, "" when the envelope does not say
	enterprise string
	app        string
}

// known is somebody recognised a while ago.
type known struct {
	actor engine.Actor
	at    time.Time
}

// knownFor is how long somebody stays recognised for what is no decision.
const knownFor = time.Minute

// who finds out, now, which principal it was. It fails closed: whatever cannot
// be proved is refused, and put on record.
func (c *Client) who(ctx context.Context, desk *bot.Desk, by clicker, requestID string) (engine.Actor, error) {
	account := engine.Account{System: Chat, Realm: by.team, Subject: by.user}
	if by.home != "" {
		account.Realm = by.home
	}
	u, err := c.proved(ctx, by)
	if err == nil {
		var actor engine.Actor
		actor, err = desk.Recognise(ctx, strings.ToLower(u.Profile.Email), engine.ViaSlack, engine.Account{System: Chat, Realm: u.TeamID, Subject: u.ID})
		if err == nil {
			c.mu.Lock()
			if len(c.people) > 10_000 {
				clear(c.people)
			}
			c.people[by.user] = known{actor, c.now()}
			c.mu.Unlock()
			return actor, nil
		}
	}
	c.mu.Lock()
	delete(c.people, by.user)
	c.mu.Unlock()
	if errors.Is(err, engine.ErrForbidden) {
		c.gate.remember(by, err, c.now())
	}
	desk.TurnAway(ctx, engine.ViaSlack, account, requestID, err.Error())
	return engine.Actor{}, err
}

// lately is who for what is no decision: somebody recognised within the last
// minute is believed to be the same.
func (c *Client) lately(ctx context.Context, desk *bot.Desk, by clicker) (engine.Actor, error) {
	if err := c.ours(ctx, by); err == nil {
		c.mu.Lock()
		k, ok := c.people[by.user]
		c.mu.Unlock()
		if ok && c.now().Sub(k.at) < knownFor {
			return k.actor, nil
		}
	}
	return c.who(ctx, desk, by, "")
}

// proved looks the account up and refuses what is not a full, confirmed member of
// our own workspace.
func (c *Client) proved(ctx context.Context, by clicker) (sdk.User, error) {
	if err := c.ours(ctx, by); err != nil {
		return sdk.User{}, err
	}
	me, err := c.me(ctx)
	if err != nil {
		return sdk.User{}, cannotTell(err)
	}
	if err := c.gate.enter(by, c.now()); err != nil {
		return sdk.User{}, err
	}
	u, err := c.api.GetUserInfoContext(ctx, by.user)
	if err != nil {
		c.log.Warn("look up who it was", "user", by.user, "error", explain("users.info", by.user, err))
		return sdk.User{}, cannotTell(err)
	}
	if u.ID != by.user {
		return sdk.User{}, cannotTell(fmt.Errorf("slack answered for %s", u.ID))
	}
	return *u, trusted(*u, me)
}

func cannotTell(error) error {
	return engine.Refuse(engine.ErrUnavailable, "Slack cannot tell just now who you are, so nothing was done.").WithHint("Try again in a moment.")
}

// ours refuses envelopes that are not about our app in our workspace.
func (c *Client) ours(ctx context.Context, by clicker) error {
	me, err := c.me(ctx)
	if err != nil {
		return cannotTell(err)
	}
	c.mu.Lock()
	app := c.appID
	c.mu.Unlock()
	switch {
	case app == "" || by.app != app:
		return engine.Refuse(engine.ErrForbidden, "That did not come through the jitsudo app of this workspace.")
	case by.user == "", by.team != me.team, by.home != "" && by.home != me.team:
		return stranger()
	case by.enterprise != "" && by.enterprise != me.enterprise:
		return stranger()
	}
	return nil
}

func stranger() error {
	return engine.Refuse(engine.ErrForbidden, "jitsudo serves the members of its own workspace only.").WithHint("Ask somebody there to do it.")
}

// trusted refuses accounts that prove no identity. The flags are those of
// users.info (docs.slack.dev, user object).
func trusted(u sdk.User, me self) error {
	refuse := func(say, hint string) error {
		return engine.Refuse(engine.ErrForbidden, "%s", say).WithHint("%s", hint)
	}
	switch {
	case u.Deleted:
		return refuse("That Slack account is deactivated.", "Ask a workspace administrator.")
	case u.IsBot, u.IsWorkflowBot, u.IsConnectorBot, u.ID == "USLACKBOT", u.ID == me.user:
		return refuse("Apps and bots cannot use jitsudo in Slack.", "Use an API token.")
	case u.IsStranger, u.TeamID != me.team:
		return stranger()
	case u.Enterprise.EnterpriseID != "" && u.Enterprise.EnterpriseID != me.enterprise:
		return stranger()
	case u.IsRestricted, u.IsUltraRestricted:
		return refuse("Guests cannot use jitsudo.", "Ask a full member of the workspace to do it.")
	case u.IsInvitedUser:
		return refuse("Your invitation to this workspace is not accepted yet.", "Accept it, then try again.")
	case u.Profile.Email == "":
		return refuse("Slack does not say your e-mail address, so you cannot be recognised.", "Ask whoever runs jitsudo: the app needs the scope users:read.email.")
	case !u.IsEmailConfirmed:
		return refuse("Your e-mail address in Slack is not confirmed.", "Confirm it in your Slack profile, then try again.")
	}
	return nil
}
