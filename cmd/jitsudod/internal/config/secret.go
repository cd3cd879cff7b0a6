package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Secret is a token in the configuration. It never prints.
type Secret struct{ value string }

// Reveal returns the token; call it only where it goes to its platform.
func (s Secret) Reveal() string { return s.value }

// String hides the token.
func (s Secret) String() string { return "[redacted]" }

// Format hides the token under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// MarshalJSON hides the token.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// LogValue hides the token.
func (s Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// UnmarshalYAML reads a plain string.
func (s *Secret) UnmarshalYAML(n *yaml.Node) error { return n.Decode(&s.value) }

// NewSecret makes a Secret of a value that did not come from the file.
func NewSecret(v string) Secret { return Secret{v} }

// resolve finds a secret: systemd's credentials first, then the environment,
// then the file that the configuration names, then the configuration itself.
func resolve(name string, own Secret, file string, getenv func(string) string) (Secret, error) {
	if dir := getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			return Secret{strings.TrimSpace(string(raw))}, nil
		}
		if !os.IsNotExist(err) {
			return Secret{}, fmt.Errorf("credential %s: %w", name, err)
		}
	}
	if v := getenv("JITSUDOD_" + strings.ToUpper(name)); v != "" {
		return Secret{strings.TrimSpace(v)}, nil
	}
	if file == "" {
		return own, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return Secret{}, fmt.Errorf("%s_file: %w", name, err)
	}
	return Secret{strings.TrimSpace(string(raw))}, nil
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
