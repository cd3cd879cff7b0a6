package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// check refuses what reads well and makes no sense.
func (c *Config) check(path string) error {
	for _, err := range []error{c.Server.CheckListen(), c.checkSlack(), c.checkPeople(), c.checkRest()} {
		if err != nil {
			return &Error{File: path, Say: err.Error()}
		}
	}
	return nil
}

// CheckListen refuses an address that others than this machine could reach.
func (s Server) CheckListen() error {
	if s.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("server.listen %q is not host:port", s.Listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("server.listen %q is not a loopback address: tokens must not cross a network in the clear", s.Listen)
	}
	return nil
}

func (c *Config) checkSlack() error {
	s := c.Slack
	switch {
	case s == nil:
		return nil
	case s.Channel == "":
		return fmt.Errorf("slack.channel is missing: the ID of the channel for requests, like C0123456789")
	case s.Connections != 0 && (s.Connections < 2 || s.Connections > 10):
		return fmt.Errorf("slack.connections must be 2 to 10, not %d", s.Connections)
	}
	return nil
}

func (c *Config) checkPeople() error {
	for group, members := range c.Directory.Groups {
		for _, m := range members {
			if _, err := engine.NormalizeID(m); err != nil {
				return fmt.Errorf("directory.groups.%s: %w", group, err)
			}
		}
	}
	for _, g := range slices.Concat(c.Auth.Admins, c.Auth.Auditors) {
		if _, ok := c.Directory.Groups[g]; !ok {
			return fmt.Errorf("auth names the group %q, which directory.groups does not have", g)
		}
	}
	for user, person := range c.Auth.Local.Users {
		if _, err := engine.NormalizeID(person); err != nil {
			return fmt.Errorf("auth.local.users.%s: %w", user, err)
		}
	}
	for _, t := range c.Auth.Tokens {
		if raw, err := hex.DecodeString(strings.TrimSpace(t.SHA256)); err != nil || len(raw) != 32 {
			return fmt.Errorf("auth.tokens: sha256 of %q is not a SHA-256 digest in hex (64 digits)", t.Name)
		}
		if _, err := engine.NormalizeID(t.Principal); err != nil {
			return fmt.Errorf("auth.tokens: %q: %w", t.Name, err)
		}
	}
	return nil
}

func (c *Config) checkRest() error {
	switch {
	case c.Store.Driver != "" && c.Store.Driver != "bolt":
		return fmt.Errorf("store.driver %q is not there; there is: bolt", c.Store.Driver)
	case c.Store.Path == "":
		return fmt.Errorf("store.path is missing: the file for requests and the audit log, like /var/lib/jitsudo/jitsudo.db")
	case c.Policies.Dir == "":
		return fmt.Errorf("policies.dir is missing: the folder with the Rego files; jitsudod init writes one to start from")
	case c.Server.Socket == "" && c.Server.Listen == "" && c.Slack == nil:
		return fmt.Errorf("nothing to serve: set server.socket, server.listen or slack")
	case c.Providers == Providers{}:
		return fmt.Errorf("providers is empty: without one there is nothing to ask for")
	case !slices.Contains([]string{"", "debug", "info", "warn", "error"}, c.Log.Level):
		return fmt.Errorf("log.level %q is not one of debug, info, warn, error", c.Log.Level)
	case !slices.Contains([]string{"", "json", "text"}, c.Log.Format):
		return fmt.Errorf("log.format %q is not one of json, text", c.Log.Format)
	}
	return nil
}
