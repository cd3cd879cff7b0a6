package engine

import (
	"strings"
)

// Via is the surface through which somebody acts.
type Via string

// The surfaces.
const (
	ViaSlack   Via = "slack"
	ViaDiscord Via = "discord"
	ViaAPI     Via = "api"
	ViaCLI     Via = "cli"
	ViaMCP     Via = "mcp"
)

// System is the identity the daemon itself acts under, in the audit log.
const System = "system"

// Account is where a person was recognised: one platform's name for them.
type Account struct {
	System  string `json:"system"`            // slack, discord, oidc, unix, token
	Realm   string `json:"realm,omitempty"`   // team, guild, issuer, host
	Subject string `json:"subject,omitempty"` // the platform's own immutable ID
}

// Principal is one person or program.
type Principal struct {
	ID        string   // lower-case e-mail address, or a service's name
	Name      string   // for display only, never compared
	Groups    []string // as of now
	TrustTier int      // 0 to 4
	Disabled  bool     // no new decision counts
}

// In reports whether p is in the group.
func (p Principal) In(group string) bool {
	for _, g := range p.Groups {
		if g == group {
			return true
		}
	}
	return false
}

// Actor is a principal who does something now, and how we know them.
type Actor struct {
	Principal
	Via     Via
	Account Account
}

// NormalizeID returns the form under which a principal is known: lower case,
// no surrounding space. IDs are printable ASCII without spaces, so that no two
// that look alike can differ.
func NormalizeID(id string) (string, error) {
	id = strings.ToLower(strings.TrimSpace(id))
	if id == "" || len(id) > 254 {
		return "", Refuse(ErrInvalid, "A person's ID must have between 1 and 254 characters.")
	}
	for _, c := range id {
		if c <= ' ' || c > '~' {
			return "", Refuse(ErrInvalid, "The person's ID %q has a character that is not plain ASCII.", id)
		}
	}
	return id, nil
}

// SamePerson reports whether two principal IDs belong to one person. Addresses
// that differ only in case or in a "+tag" are one person: mail for both goes to
// the same human, so the rule against approving oneself must see them as one.
func SamePerson(a, b string) bool { return mailbox(a) == mailbox(b) }

func mailbox(id string) string {
	id = strings.ToLower(strings.TrimSpace(id))
	local, domain, isMail := strings.Cut(id, "@")
	if !isMail {
		return id
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}
