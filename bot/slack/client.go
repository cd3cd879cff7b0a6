package slack

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Chat is the name under which messages in Slack are kept.
const Chat = "slack"

// Options make a Client. BotToken and AppToken must be there.
type Options struct {
	BotToken string // xoxb-…
	AppToken string // xapp-… with connections:write
	APIURL   string // "" is Slack's own; a simulator's ends in /api/
	TeamID   string // the one workspace; "" is the one the bot token belongs to

	Channel       string   // where cards go: an ID or #name; looked at by Check
	OtherChannels []string // further channels that a policy may send cards to
	AlertChannels []string // where break-glass alerts go

	// AlertMention is who a break-glass alert calls: "channel", "here", a user
	// (U…), a user group (S…) or the name of a group; "" nobody.
	AlertMention string
	// Groups maps the names of groups to the user groups (S…) or users (U…)
	// that are called for them. A group that is not there is called by the user
	// group with the same handle, if there is one.
	Groups map[string]string
	// AllowShared lets cards be posted to channels that are shared with other companies.
	AllowShared bool

	Connections int              // Socket Mode connections kept open: 2; at most 10 (docs.slack.dev, Socket Mode)
	Log         *slog.Logger     // nil: none
	Now         func() time.Time // nil: the system's clock
}

// Client is the app in one workspace.
type Client struct {
	opts Options
	log  *slog.Logger
	now  func() time.Time
	api  *sdk.Client
	http *http.Client
	gate gate

	mu       sync.Mutex
	self     self
	appID    string                  // as Slack said hello
	channels map[string]string       // #name → ID
	groups   remembered              // user groups by handle
	people   map[string]known        // who they were, for what is no decision
	callable map[string]callable     // by principal, for mentions and direct messages
	shared   map[string]time.Time    // channels seen as not shared, and when
	veiled   map[engine.Message]bool // messages that were made bare
}

// self is who the bot token says we are.
type self struct {
	team, enterprise, user, bot string
}

type remembered struct {
	byHandle map[string]string
	at       time.Time
}

// callable is the account of a principal, as seen a while ago.
type callable struct {
	user string
	at   time.Time
}

// New makes a Client. It calls nobody yet: see [Client.Check] and [Client.Run].
func New(o Options) (*Client, error) {
	if err := checkTokens(o); err != nil {
		return nil, err
	}
	if o.Connections <= 0 {
		o.Connections = 2
	}
	o.Connections = min(o.Connections, 10)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{
		opts: o, log: o.Log, now: o.Now, http: &http.Client{Timeout: 10 * time.Second},
		channels: map[string]string{}, people: map[string]known{}, callable: map[string]callable{}, shared: map[string]time.Time{},
		veiled: map[engine.Message]bool{},
	}
	options := []sdk.Option{sdk.OptionHTTPClient(c.http), sdk.OptionAppLevelToken(o.AppToken)}
	if o.APIURL != "" {
		options = append(options, sdk.OptionAPIURL(strings.TrimSuffix(o.APIURL, "/")+"/"))
	}
	c.api = sdk.New(o.BotToken, options...)
	return c, nil
}

func checkTokens(o Options) error {
	for _, t := range []struct{ token, prefix, name, where string }{
		{o.BotToken, "xoxb-", "bot token", "OAuth & Permissions"},
		{o.AppToken, "xapp-", "app-level token", "Basic Information, App-Level Tokens"},
	} {
		if t.token == "" {
			return fmt.Errorf("slack: the %s is missing; it is in the app's settings under %s and begins with %s", t.name, t.where, t.prefix)
		}
		if !strings.HasPrefix(t.token, t.prefix) {
			return fmt.Errorf("slack: the %s must begin with %s; it is in the app's settings under %s", t.name, t.prefix, t.where)
		}
	}
	return nil
}

// me says which workspace and bot the token belongs to; asked once.
func (c *Client) me(ctx context.Context) (self, error) {
	c.mu.Lock()
	s := c.self
	c.mu.Unlock()
	if s.team != "" {
		return s, nil
	}
	a, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return self{}, explain("auth.test", "", err)
	}
	s = self{team: a.TeamID, enterprise: a.EnterpriseID, user: a.UserID, bot: a.BotID}
	if c.opts.TeamID != "" && c.opts.TeamID != s.team {
		return self{}, &problem{say: fmt.Sprintf("The bot token belongs to workspace %s, and not to the configured %s.", s.team, c.opts.TeamID)}
	}
	c.mu.Lock()
	c.self = s
	c.mu.Unlock()
	return s, nil
}
