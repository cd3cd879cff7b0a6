package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine/httpapi"
	"github.com/jitsudo-chat/jitsudo/policies"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

type demoCmd struct {
	Listen string `help:"Where the page is served; a loopback address." default:"127.0.0.1:7117" placeholder:"HOST:PORT"`
	Data   string `help:"Keep requests, audit log and the sandbox here; else they are gone at the end." type:"path" placeholder:"DIR"`
	JSON   bool   `help:"Print one line of JSON instead of words."`
	NoOpen bool   `help:"Do not open the browser."`
	NoBot  bool   `help:"Only the Slack simulator, for any other Slack client to be tried against."`
	Debug  bool   `help:"Log everything to standard error."`
}

// Run is a whole, small company until it is interrupted.
func (c *demoCmd) Run(s surroundings) (err error) {
	dir, tidy, err := c.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tidy()) }()
	d, err := c.build(s, dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	// Whoever reads the announcement may call at once.
	var said error
	err = d.run(ctx, func() {
		if said = d.announce(s, c); said != nil {
			stop()
		} else if s.ready != nil {
			s.ready()
		}
	})
	return errors.Join(err, said)
}

// folder returns where the demo keeps its things, and how to tidy up after it.
func (c *demoCmd) folder() (string, func() error, error) {
	if c.Data != "" {
		return c.Data, func() error { return nil }, os.MkdirAll(c.Data, 0o700)
	}
	dir, err := os.MkdirTemp("", "jitsudo-demo-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// demo is the made-up company: a simulated Slack, a sandbox, and a real daemon.
type demo struct {
	sim    *slacksim.Server
	web    net.Listener
	bot    net.Listener
	daemon *daemon // nil with --no-bot
	facts  demoFacts
}

// demoFacts is what --json prints.
type demoFacts struct {
	Web      string            `json:"web"`
	SlackAPI string            `json:"slack_api"`
	BotToken string            `json:"bot_token"`
	AppToken string            `json:"app_token"`
	API      string            `json:"api,omitempty"`
	Tokens   map[string]string `json:"tokens,omitempty"`
}

func (c *demoCmd) build(s surroundings, dir string) (*demo, error) {
	d := &demo{}
	var err error
	if d.web, err = listenNear(c.Listen); err != nil {
		return nil, err
	}
	if d.bot, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	web := "http://" + d.web.Addr().String()
	cloud, err := sandbox.New(sandbox.Options{File: filepath.Join(dir, "sandbox.json"), Frames: []string{web}})
	if err != nil {
		return nil, err
	}
	company := slacksim.DemoCompany()
	company.PublicURL = "http://" + d.bot.Addr().String()
	if !c.NoBot {
		company.Panels = []slacksim.Panel{{Title: "Sandbox cloud", Handler: cloud.Handler()}}
	}
	if d.sim, err = slacksim.New(company); err != nil {
		return nil, err
	}
	d.facts = demoFacts{Web: web + "/", SlackAPI: company.PublicURL + "/api/", BotToken: d.sim.BotToken(), AppToken: d.sim.AppToken()}
	if c.NoBot {
		return d, nil
	}
	level := "warn"
	if c.Debug {
		level = "debug"
	}
	return d, d.addDaemon(s.ctx, dir, given{sandbox: cloud, log: newLog(s.stderr, config.Log{Level: level, Format: "text"})})
}

// listenNear listens where it was asked to; when that is taken, on any free port
// of the same host.
func listenNear(address string) (net.Listener, error) {
	if err := (config.Server{Listen: address}).CheckListen(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// addDaemon adds the daemon that an operator would run, with a configuration
// that an operator could have written.
func (d *demo) addDaemon(ctx context.Context, dir string, g given) error {
	if err := writeBundle(policies.Demo(), filepath.Join(dir, "policies")); err != nil {
		return err
	}
	api, err := freeAddress()
	if err != nil {
		return err
	}
	cfg := demoConfig(dir, api, d.facts)
	d.facts.API, d.facts.Tokens = "http://"+api, map[string]string{}
	for _, name := range []string{"alice", "bob", "carol"} {
		token, digest := httpapi.NewToken()
		d.facts.Tokens[name] = token
		cfg.Auth.Tokens = append(cfg.Auth.Tokens, config.Token{Name: "demo-" + name, Principal: name + "@example.com", SHA256: digest.String()})
	}
	d.daemon, err = assemble(ctx, cfg, g)
	return err
}

func demoConfig(dir, api string, f demoFacts) *config.Config {
	return &config.Config{
		Server:   config.Server{Listen: api},
		Store:    config.Store{Path: filepath.Join(dir, "jitsudo.db")},
		Policies: config.Policies{Dir: filepath.Join(dir, "policies")},
		Slack: &config.Slack{
			BotToken: config.NewSecret(f.BotToken), AppToken: config.NewSecret(f.AppToken), APIURL: f.SlackAPI,
			Channel: demoChannel, AlertChannels: []string{demoAlerts}, AlertMention: "here",
		},
		Directory: config.Directory{Groups: map[string][]string{
			"sre": {"alice@example.com"}, "sre-leads": {"bob@example.com"},
			"security": {"carol@example.com"}, "jitsudo-admins": {"carol@example.com"},
		}},
		Auth:      config.Auth{Admins: []string{"jitsudo-admins"}, Auditors: []string{"security"}},
		Providers: config.Providers{Sandbox: &config.Sandbox{}},
	}
}

// The channels of the simulated company.
const (
	demoChannel = "CREQUESTS"
	demoAlerts  = "CINCIDENTS"
)

// freeAddress finds a port for the API, which the daemon then opens by itself.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// writeBundle lays the demo's policies where the daemon reads them, so that they
// can be looked at and changed while it runs. What is there stays.
func writeBundle(bundle fs.FS, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return os.CopyFS(dir, bundle)
}

func (d *demo) run(ctx context.Context, ready func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.sim.Run(ctx, d.bot, d.web) })
	if d.daemon != nil {
		g.Go(func() error { return errors.Join(d.daemon.run(ctx, nil, ready), d.daemon.close()) })
	} else {
		ready()
	}
	return g.Wait()
}

// announce says where everything is, for a program or for a person.
func (d *demo) announce(s surroundings, c *demoCmd) error {
	if c.JSON {
		return json.NewEncoder(s.stdout).Encode(d.facts)
	}
	if _, err := fmt.Fprint(s.stdout, d.welcome()); err != nil {
		return err
	}
	if !c.NoOpen {
		if err := exec.CommandContext(s.ctx, "xdg-open", d.facts.Web).Start(); err != nil {
			slog.Debug("open browser", "error", err)
		}
	}
	return nil
}

func (d *demo) welcome() string {
	if d.daemon == nil {
		return fmt.Sprintf("The Slack simulator runs, without a bot.\n\n  page       %s\n  API        %s\n  bot token  %s\n  app token  %s\n\nCtrl-C ends it.\n",
			d.facts.Web, d.facts.SlackAPI, d.facts.BotToken, d.facts.AppToken)
	}
	return fmt.Sprintf(`jitsudo runs, in a made-up company with a simulated Slack and a fake cloud.

  Open  %s

  1. As Alice, in #access-requests, type   /jitsudo request
     and ask for the role editor on prod.
  2. Switch to Bob (top left) and press Approve.
  3. Watch the access come and go in the panel "Sandbox cloud".

The same from a terminal, as Alice and as Bob:

  export JITSUDO_SERVER=%s
  export JITSUDO_TOKEN=%s   # Alice
  go run ./cmd/jitsudo request --provider sandbox --role editor --scope prod --duration 5m --reason "try it out"
  JITSUDO_TOKEN=%s go run ./cmd/jitsudo status --pending   # Bob

Ctrl-C ends it; nothing is left behind.
`, d.facts.Web, d.facts.API, d.facts.Tokens["alice"], d.facts.Tokens["bob"])
}
