package kubernetes

import (
	"regexp"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// The marks by which a binding is known as jitsudo's. Addresses cannot be
// labels, which is why the principal is an annotation.
const (
	manager        = "jitsudo"
	labelManager   = "app.kubernetes.io/managed-by"
	labelRequest   = "jitsudo.dev/request" // the ULID
	noteRequest    = "jitsudo.dev/request" // the whole ID
	notePrincipal  = "jitsudo.dev/principal"
	noteExpires    = "jitsudo.dev/expires-at" // RFC 3339, UTC
	rbacGroup      = "rbac.authorization.k8s.io"
	maxRole        = 253
	maxUsername    = 512
	maxShownLength = 80
)

var (
	requestID = regexp.MustCompile(`^req_([0-7][0-9A-HJKMNP-TV-Z]{25})$`)
	// A ClusterRole's name is one segment of a path; this leaves out what would
	// be legal and strange.
	roleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]*$`)
	// A namespace's name is a label of RFC 1123.
	namespaceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// locate returns where the binding of a lives, and its ULID. An access with
// names that cannot be is nowhere: Grant refuses it before any call.
func locate(a engine.Access) (p place, ulid string, err error) {
	m := requestID.FindStringSubmatch(a.ID)
	if m == nil {
		return place{}, "", engine.Refuse(engine.ErrInvalid, "%s is no ID of a request.", quote(a.ID))
	}
	if err := checkScope(a.Target.Scope); err != nil {
		return place{}, "", err
	}
	p.name = "jit-" + strings.ToLower(m[1])
	if a.Target.Scope != everywhere {
		p.namespace = a.Target.Scope
	}
	return p, m[1], nil
}

func checkScope(scope string) error {
	if scope == everywhere || namespaceName.MatchString(scope) {
		return nil
	}
	return engine.Refuse(engine.ErrInvalid, "%s is no name of a namespace.", quote(scope)).On("scope").
		WithHint("Name a namespace in lower case, or %s for the whole cluster.", everywhere)
}

func checkRole(role string) error {
	if len(role) > maxRole || !roleName.MatchString(role) {
		return engine.Refuse(engine.ErrInvalid, "%s is no name of a ClusterRole.", quote(role)).On("role").
			WithHint("Choose one of the roles that are offered.")
	}
	if isBuiltIn(role) {
		return engine.Refuse(engine.ErrInvalid, "jitsudo never gives the role %s, which belongs to Kubernetes itself.", quote(role)).On("role").
			WithHint("Choose a role that is made for people.")
	}
	return nil
}

// username returns the name under which the cluster knows the principal.
func (c *Cluster) username(principal string) (string, error) {
	id, err := engine.NormalizeID(principal)
	if err != nil {
		return "", err
	}
	name := c.prefix + principal
	switch {
	case id != principal:
		return "", engine.Refuse(engine.ErrInvalid, "The person's ID %s is not in its plain form.", quote(principal))
	case isBuiltIn(principal) || isBuiltIn(name):
		return "", engine.Refuse(engine.ErrInvalid, "jitsudo never gives access to %s, which belongs to Kubernetes itself.", quote(principal))
	case len(name) > maxUsername:
		return "", engine.Refuse(engine.ErrInvalid, "The person's ID %s is too long for a cluster.", quote(principal))
	}
	return name, nil
}

// isBuiltIn reports whether a role, user or group is of those that Kubernetes
// reserves for itself; system:masters, which no rule binds, is one.
func isBuiltIn(name string) bool {
	const reserved = "system:"
	return len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved)
}
