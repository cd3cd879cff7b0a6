package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Secret is a token in the configuration. It never prints.
type Secret struct{ engine.Secret }

// UnmarshalYAML reads a plain string.
func (s *Secret) UnmarshalYAML(n *yaml.Node) error {
	var v string
	err := n.Decode(&v)
	*s = NewSecret(v)
	return err
}

// NewSecret makes a Secret of a value that did not come from the file.
func NewSecret(v string) Secret { return Secret{engine.NewSecret("", v)} }

// resolve finds a secret: systemd's credentials first, then the environment,
// then the file that the configuration names, then the configuration itself.
func resolve(name string, own Secret, file string, getenv func(string) string) (Secret, error) {
	if dir := getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			return NewSecret(strings.TrimSpace(string(raw))), nil
		}
		if !os.IsNotExist(err) {
			return Secret{}, fmt.Errorf("credential %s: %w", name, err)
		}
	}
	if v := getenv("JITSUDOD_" + strings.ToUpper(name)); v != "" {
		return NewSecret(strings.TrimSpace(v)), nil
	}
	if file == "" {
		return own, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return Secret{}, fmt.Errorf("%s_file: %w", name, err)
	}
	return NewSecret(strings.TrimSpace(string(raw))), nil
}

// ResolveSecrets fills in the secrets that the file leaves to other places.
func (c *Config) ResolveSecrets(getenv func(string) string) error {
	if c.Slack == nil {
		return nil
	}
	var err error
	if c.Slack.BotToken, err = resolve("slack_bot_token", c.Slack.BotToken, c.Slack.BotTokenFile, getenv); err != nil {
		return err
	}
	c.Slack.AppToken, err = resolve("slack_app_token", c.Slack.AppToken, c.Slack.AppTokenFile, getenv)
	return err
}
