// Package config owns the daemon's one configuration file: its keys, how it is
// read strictly, and where secrets come from. It must not know the parts that it
// configures beyond the engine's own types.
package config

import (
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Config is the whole file. Every field's zero value is safe: nothing listens,
// nobody is an admin, no provider is there.
type Config struct {
	Server    Server    `yaml:"server"`
	Store     Store     `yaml:"store"`
	Slack     *Slack    `yaml:"slack"`
	Auth      Auth      `yaml:"auth"`
	Directory Directory `yaml:"directory"`
	Policies  Policies  `yaml:"policies"`
	Requests  Requests  `yaml:"requests"`
	Providers Providers `yaml:"providers"`
	Log       Log       `yaml:"log"`

	// Digest is the hex SHA-256 of the file as it was read.
	Digest string `yaml:"-"`
}

// Server says where the HTTP API is served.
type Server struct {
	Socket string `yaml:"socket"` // path of the unix socket; callers are known by their uid
	Listen string `yaml:"listen"` // loopback address for callers with a token, "" for none
}

// Store says where requests and the audit log are kept.
type Store struct {
	Driver string `yaml:"driver"` // bolt
	Path   string `yaml:"path"`
	// MaxSize is the largest the file may become; [DefaultMaxSize] when 0.
	MaxSize Size `yaml:"max_size"`
}

// Slack is the workspace the bot lives in.
type Slack struct {
	BotToken      Secret            `yaml:"bot_token"`      // xoxb-…
	BotTokenFile  string            `yaml:"bot_token_file"` // or a file that holds it
	AppToken      Secret            `yaml:"app_token"`      // xapp-…
	AppTokenFile  string            `yaml:"app_token_file"`
	Channel       string            `yaml:"channel"`        // ID of the channel for requests
	OtherChannels []string          `yaml:"other_channels"` // IDs of channels that a policy may send requests to as well
	AlertChannels []string          `yaml:"alert_channels"` // IDs of channels that are told of break-glass as well
	AlertMention  string            `yaml:"alert_mention"`  // here, channel, or a user group's ID; who is called at break-glass
	Usergroups    map[string]string `yaml:"usergroups"`     // group of the directory → ID of the Slack user group to call
	APIURL        string            `yaml:"api_url"`        // only for a simulator
	TeamID        string            `yaml:"team_id"`        // the workspace's ID; learned from the token when empty
	Connections   int               `yaml:"connections"`    // Socket Mode connections, 2 to 10; 2 when empty
}

// Auth says who callers of the HTTP API are.
type Auth struct {
	Local    Local    `yaml:"local"`
	Tokens   []Token  `yaml:"tokens"`
	Admins   []string `yaml:"admins"`   // groups that may see and revoke everything
	Auditors []string `yaml:"auditors"` // groups that may see everything
}

// Local maps users of this machine to people.
type Local struct {
	Domain string            `yaml:"domain"` // user alice is alice@domain, when set
	Users  map[string]string `yaml:"users"`  // uid or user name → person; goes before Domain
}

// Token lets a program call over TCP. Only the token's digest stands in the file.
type Token struct {
	Name      string `yaml:"name"`
	Principal string `yaml:"principal"`
	SHA256    string `yaml:"sha256"` // hex SHA-256 of the token
}

// Directory says who is in which group.
type Directory struct {
	Groups map[string][]string `yaml:"groups"`
}

// Policies says where the Rego files lie.
type Policies struct {
	Dir string `yaml:"dir"`
}

// Requests bounds requests; no policy can lift these. An absent key takes the
// engine's default, 0 means no limit where that is possible.
type Requests struct {
	PendingFor       Duration `yaml:"pending_for"`
	MaxDuration      Duration `yaml:"max_duration"`
	MinDuration      Duration `yaml:"min_duration"`
	BreakGlassMax    Duration `yaml:"break_glass_max"`
	WarnBefore       Duration `yaml:"warn_before"`
	PendingPerPerson *int     `yaml:"pending_per_person"`
	RatePerPerson    *int     `yaml:"rate_per_person"`
}

// Providers are the platforms where access is given.
type Providers struct {
	Sandbox    *Sandbox    `yaml:"sandbox"`
	Kubernetes *Kubernetes `yaml:"kubernetes"`
}

// Sandbox is a fake cloud inside the daemon, for trying things out.
type Sandbox struct {
	File        string   `yaml:"file"` // where its bindings are kept; "" for memory only
	MaxDuration Duration `yaml:"max_duration"`
}

// Kubernetes is one cluster.
type Kubernetes struct {
	Kubeconfig  string   `yaml:"kubeconfig"` // "" means the cluster the daemon runs in
	Context     string   `yaml:"context"`    // "" means the kubeconfig's current one
	UserPrefix  string   `yaml:"user_prefix"`
	Roles       []string `yaml:"roles"` // the ClusterRoles that may be asked for; at least one
	MaxDuration Duration `yaml:"max_duration"`
}

// Log says how the daemon logs.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error; info when empty
	Format string `yaml:"format"` // json, text; json when empty
}

// Duration is a duration as people write it: 30m, 2h30m, 1d; or 0.
type Duration struct {
	Value time.Duration
	Set   bool
}

// Or returns the configured value as the engine takes it: its default (zero)
// when the key is absent, and no limit (negative) when it is 0.
func (d Duration) Or() time.Duration {
	if d.Set && d.Value == 0 {
		return -1
	}
	return d.Value
}

// Limits returns the bounds for the engine.
func (r Requests) Limits() engine.Limits {
	l := engine.Limits{
		PendingFor: r.PendingFor.Value, MaxDuration: r.MaxDuration.Value, MinDuration: r.MinDuration.Value,
		BreakGlassMax: r.BreakGlassMax.Value, WarnBefore: r.WarnBefore.Or(),
	}
	l.PendingPerPerson, l.RatePerPerson = limit(r.PendingPerPerson), limit(r.RatePerPerson)
	return l
}

func limit(n *int) int {
	switch {
	case n == nil:
		return 0
	case *n <= 0:
		return -1
	}
	return *n
}
