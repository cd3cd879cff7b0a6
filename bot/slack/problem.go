package slack

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// problem is an error of Slack's, in a sentence that says how to mend it.
type problem struct {
	say   string
	kind  error         // one of the engine's kinds, nil when another try may help
	cause error         // what Slack said
	after time.Duration // how long Slack wants to be left alone
	fatal bool          // no connection can work until somebody mends it
}

func (p *problem) Error() string { return p.say }

// RetryAfter is how long Slack wants to be left alone.
func (p *problem) RetryAfter() time.Duration { return p.after }

func (p *problem) Unwrap() []error {
	var errs []error
	if p.kind != nil {
		errs = append(errs, p.kind)
	}
	if p.cause != nil {
		errs = append(errs, p.cause)
	}
	return errs
}

// explain turns an error of a call into a problem. where names the channel or
// person that it was about.
func explain(method, where string, err error) error {
	if err == nil {
		return nil
	}
	var known *problem
	if errors.As(err, &known) {
		return known
	}
	err = bare(err)
	p := &problem{cause: err}
	var limited *sdk.RateLimitedError
	var status sdk.StatusCodeError
	var refused sdk.SlackErrorResponse
	switch {
	case errors.As(err, &limited):
		p.after = limited.RetryAfter
		p.say = fmt.Sprintf("Slack asks to be left alone for %s (%s).", limited.RetryAfter, method)
	case errors.As(err, &status):
		p.say = fmt.Sprintf("Slack does not answer properly (%s: HTTP %d).", method, status.Code)
	case errors.As(err, &refused):
		p.read(method, where, refused)
	default:
		p.say = fmt.Sprintf("Slack cannot be reached (%s): %v", method, err)
	}
	return p
}

// bare returns what lies beneath errors that name the address of a call: a
// response URL lets whoever reads it answer in our name, and the address of a
// connection opens it.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

const mendToken = "Copy it anew from the app's settings (OAuth & Permissions for the bot token, Basic Information for the app-level token)."

func (p *problem) read(method, where string, e sdk.SlackErrorResponse) {
	token := "bot token"
	if method == "apps.connections.open" {
		token = "app-level token"
	}
	switch e.Err {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		p.fatal = true
		p.say = fmt.Sprintf("Slack does not accept the %s (%s). %s", token, e.Err, mendToken)
	case "not_allowed_token_type":
		p.fatal = true
		p.say = fmt.Sprintf("The %s is of the wrong kind. The bot token begins with xoxb-, the app-level token with xapp-.", token)
	case "missing_scope":
		p.fatal = token == "app-level token"
		p.say = missingScope(token, e.Needed)
	case "not_in_channel", "channel_not_found":
		p.say = fmt.Sprintf("The bot is not in the channel %s, or there is none (%s). Say /invite @jitsudo there, or correct the channel in the configuration.", where, e.Err)
	case "is_archived":
		p.say = fmt.Sprintf("The channel %s is archived. Take it out of the archive, or configure another one.", where)
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found":
		p.kind = engine.ErrNotFound
		p.say = fmt.Sprintf("The message is not there any more, or cannot be changed (%s).", e.Err)
	case "user_not_found", "users_not_found", "user_not_visible":
		p.kind = engine.ErrNotFound
		p.say = fmt.Sprintf("There is no %s in this workspace.", where)
	case "user_disabled", "messages_tab_disabled", "cannot_dm_bot":
		p.kind = engine.ErrForbidden
		p.say = fmt.Sprintf("Slack does not let %s be written to (%s).", where, e.Err)
	case "link_disabled":
		p.fatal = true
		p.say = "Socket Mode is switched off for the app. Switch it on in the app's settings."
	default:
		p.say = fmt.Sprintf("Slack refuses %s: %s", method, e.Error())
	}
}

func missingScope(token, needed string) string {
	if token == "app-level token" {
		return "The app-level token lacks the scope connections:write. Make a new one with it under Basic Information, App-Level Tokens."
	}
	if needed == "" {
		needed = "that jitsudo needs"
	}
	return fmt.Sprintf("The Slack app lacks the scope %s. Add it under OAuth & Permissions and reinstall the app.", needed)
}
