package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/jitsudo-chat/jitsudo/bot/slack"
	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/policies"
)

// configFlag is where the configuration lies.
type configFlag struct {
	Config string `help:"The configuration file (JITSUDOD_CONFIG)." default:"${config}" placeholder:"FILE"`
}

func (f configFlag) load(s surroundings) (*config.Config, error) {
	c, err := config.Load(f.Config)
	if err != nil {
		return nil, err
	}
	return c, c.ResolveSecrets(s.getenv)
}

type serveCmd struct {
	configFlag
}

// Run is the daemon's whole life.
func (c *serveCmd) Run(s surroundings) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := assemble(s.ctx, cfg, given{log: newLog(s.stderr, cfg.Log)})
	if err != nil {
		return err
	}
	return errors.Join(d.run(s.ctx, s.hangup, s.ready), d.close())
}

func newLog(w io.Writer, c config.Log) *slog.Logger {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(orDefault(c.Level, "info"))) // checked when the configuration was read
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

type checkConfigCmd struct {
	configFlag
}

// Run reads what serve would read and says what it found.
func (c *checkConfigCmd) Run(s surroundings) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	if _, err := newDirectory(cfg.Directory.Groups); err != nil {
		return err
	}
	if _, err := configuredTokens(cfg.Auth.Tokens); err != nil {
		return err
	}
	var report policies.Report
	p, err := policies.New(cfg.Policies.Dir, policies.Options{OnReload: func(r policies.Report) { report = r }})
	if err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	if _, err := openProviders(cfg.Providers, nil); err != nil {
		return err
	}
	if cfg.Slack != nil {
		if _, err := newChat(cfg.Slack, slog.New(slog.DiscardHandler), new(troubles)); err != nil {
			return err
		}
	}
	for _, w := range report.Warnings {
		_, _ = fmt.Fprintf(s.stderr, "jitsudod: warning: %s\n", w)
	}
	_, err = fmt.Fprintf(s.stdout, "%s is fine: %d policy files, %d of their tests passed.\n", c.Config, len(p.Files()), report.Tests)
	return err
}

type slackManifestCmd struct {
	JSON bool `help:"As JSON instead of YAML."`
}

// Run prints the manifest to paste where Slack asks for one.
func (c *slackManifestCmd) Run(s surroundings) error {
	text, err := manifest(c.JSON)
	if err != nil {
		return err
	}
	_, err = s.stdout.Write(text)
	return err
}

func manifest(asJSON bool) ([]byte, error) {
	if asJSON {
		return slack.Manifest().JSON()
	}
	return slack.Manifest().YAML()
}
