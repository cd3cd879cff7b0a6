package slacksim

import (
	"fmt"
	"net/http"
	"time"
)

// UserID names a person (U…) or a bot user.
type UserID = string

// Team is the workspace that the simulated app is installed in.
type Team struct {
	ID, Name, Domain string
}

// User is one account of the workspace, or of another company that shares a channel with it. The flags are those of
// users.info.
type User struct {
	ID       UserID
	TeamID   string // empty: the workspace's own
	Name     string
	RealName string
	Title    string
	Email    string // empty: the profile has none

	Deleted           bool
	IsBot             bool
	IsAppUser         bool
	IsWorkflowBot     bool
	IsConnectorBot    bool
	IsRestricted      bool // multi-channel guest
	IsUltraRestricted bool // single-channel guest
	IsStranger        bool // of another company, seen through a shared channel only
	IsInvited         bool // has not accepted the invitation yet
	EmailUnconfirmed  bool
}

// Channel is a public or private channel. Direct messages are made by themselves.
type Channel struct {
	ID, Name         string
	Private          bool
	Archived         bool
	ExtShared        bool // shared with another company
	PendingExtShared bool
	Members          []UserID // the app's bot user included, where it is a member
}

// Usergroup is a group that can be mentioned as a whole.
type Usergroup struct {
	ID, Handle, Name string
	Members          []UserID
	Disabled         bool
}

// Command is a slash command of the app.
type Command struct {
	Name         string // with its slash
	UsageHint    string
	ShouldEscape bool
}

// App is the one app installed in the workspace. Tokens are always made up by the simulator.
type App struct {
	ID, Name string
	BotID    string
	BotUser  UserID
	Scopes   []string // of the bot token
	Commands []Command
	Events   []string // subscribed bot events, for instance "message.im"
	// MessagesTabOff makes direct messages of the app to people fail with messages_tab_disabled.
	MessagesTabOff bool
}

// Panel is a page of somebody else that the web page shows beside the conversation.
type Panel struct {
	Title   string
	Handler http.Handler // sees paths below its own root "/"
}

// Timing holds every duration that Slack fixes. A zero field means Slack's own value.
type Timing struct {
	Ack            time.Duration   // time to acknowledge an envelope: 3 s
	Trigger        time.Duration   // life of a trigger_id: 3 s
	ResponseURL    time.Duration   // life of a response_url: 30 min
	Ping           time.Duration   // between WebSocket pings: 5 s
	Notice         time.Duration   // between a disconnect message and the closing of the connection: 10 s
	ConnectionLife time.Duration   // until a connection is recycled: about 5 h
	EventRetries   []time.Duration // waits before the redeliveries of an event: 0, 1 min, 5 min
}

// Options say what is simulated. The zero value is the demo company.
type Options struct {
	Team       Team
	People     []User
	Channels   []Channel
	Usergroups []Usergroup
	App        App
	Panels     []Panel
	Timing     Timing

	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Seed makes IDs, tokens and the choice of connections repeatable. Zero: random.
	Seed uint64
	// PublicURL is the address of the bot's side, such as "http://127.0.0.1:4998". Empty: taken from what clients call.
	PublicURL string
	// EnforceTiers answers 429 to calls above the published rates.
	EnforceTiers bool
	// AckAnywhere takes an acknowledgement from a connection that did not receive the envelope.
	AckAnywhere bool
	// Faults is consulted before every API call and every envelope.
	Faults Faults
}

func (o Options) withDefaults() Options {
	demo := DemoCompany()
	if o.Team.ID == "" {
		o.Team = demo.Team
	}
	if o.People == nil {
		o.People = demo.People
	}
	if o.Channels == nil {
		o.Channels = demo.Channels
	}
	if o.Usergroups == nil {
		o.Usergroups = demo.Usergroups
	}
	if o.App.ID == "" {
		o.App = demo.App
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Timing = o.Timing.withDefaults()
	return o
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.Ack, 3*time.Second)
	set(&t.Trigger, 3*time.Second)
	set(&t.ResponseURL, 30*time.Minute)
	set(&t.Ping, 5*time.Second)
	set(&t.Notice, 10*time.Second)
	set(&t.ConnectionLife, 5*time.Hour)
	if t.EventRetries == nil {
		t.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	return t
}

func (o Options) check() error {
	known := map[string]bool{}
	for _, u := range o.People {
		if u.ID == "" || known[u.ID] {
			return fmt.Errorf("slack simulator: user id %q is empty or used twice", u.ID)
		}
		known[u.ID] = true
	}
	if !known[o.App.BotUser] {
		return fmt.Errorf("slack simulator: the app's bot user %q is not among the people", o.App.BotUser)
	}
	for _, c := range o.Channels {
		if c.ID == "" || known[c.ID] {
			return fmt.Errorf("slack simulator: channel id %q is empty or used twice", c.ID)
		}
		known[c.ID] = true
		for _, m := range c.Members {
			if !known[m] {
				return fmt.Errorf("slack simulator: channel %s has the unknown member %q", c.Name, m)
			}
		}
	}
	return nil
}
