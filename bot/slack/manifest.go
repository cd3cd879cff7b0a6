package slack

import (
	"bytes"
	"encoding/json"
	"fmt"

	sdk "github.com/slack-go/slack"
	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/bot"
)

// Command is the slash command.
const Command = "/jitsudo"

// AppManifest is the description of the app, from which Slack makes it.
type AppManifest struct{ sdk.Manifest }

// Manifest returns the manifest of the app, with the fewest rights that do.
func Manifest() AppManifest {
	return AppManifest{sdk.Manifest{
		Metadata: sdk.ManifestMetadata{MajorVersion: 1, MinorVersion: 1},
		Display: sdk.Display{
			Name:        "Jitsudo",
			Description: "Temporary access, asked for and granted in chat",
			LongDescription: "Ask for access for a while with /jitsudo, or in the Home tab. The people who may approve are called in the " +
				"thread of the request and decide there; the access is given, ends by itself at its time, and every step is kept in an " +
				"audit log. Break-glass requests need nobody's approval and raise an alert.",
			BackgroundColor: "#1f2937",
		},
		Features: sdk.Features{
			AppHome: sdk.AppHome{HomeTabEnabled: true, MessagesTabEnabled: true, MessagesTabReadOnlyEnabled: true},
			BotUser: sdk.BotUser{DisplayName: "jitsudo", AlwaysOnline: true},
			SlashCommands: []sdk.ManifestSlashCommand{{
				Command: Command, Description: "Ask for temporary access, decide on it, end it",
				UsageHint: "[request | mine | pending | status ID | approve ID | deny ID | revoke ID | break-glass | help]", ShouldEscape: true,
			}},
			Shortcuts: []sdk.Shortcut{{
				Name: "Request access", Type: sdk.GlobalShortcut, CallbackID: bot.RequestForm, Description: "Ask for temporary access",
			}},
		},
		OAuthConfig: sdk.OAuthConfig{Scopes: sdk.OAuthScopes{Bot: Scopes()}},
		Settings: sdk.Settings{
			EventSubscriptions: &sdk.EventSubscriptions{BotEvents: []string{"app_home_opened", "app_uninstalled", "tokens_revoked"}},
			Interactivity:      &sdk.Interactivity{IsEnabled: true},
			SocketModeEnabled:  true,
		},
	}}
}

// JSON writes the manifest as JSON.
func (m AppManifest) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(m.Manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return append(out, '\n'), nil
}

// YAML writes the manifest as YAML.
func (m AppManifest) YAML() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(m.Manifest); err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return b.Bytes(), nil
}
