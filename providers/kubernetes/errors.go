package kubernetes

import (
	"fmt"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// gone reports whether the API server itself said that the object is not
// there. A proxy's 404, or that of a server without this API, says nothing.
func gone(err error) bool {
	return kerrors.IsNotFound(err) && fromServer(err)
}

func fromServer(err error) bool {
	return !kerrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

// unsure marks an error that leaves the truth open.
func unsure(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, engine.ErrUnavailable, err)
}

// final turns what the API server said against a new binding into a refusal
// where asking again would not help, and leaves everything else open: a
// time-out, an overload, a server that is broken or does not know us just now.
func final(a engine.Access, err error) error {
	switch {
	case !fromServer(err):
	case kerrors.IsForbidden(err):
		return engine.Refuse(engine.ErrForbidden, "The cluster does not let jitsudo give the role %s on %s.", quote(a.Target.Role), quote(a.Target.Scope)).
			On("role").WithHint("Whoever runs jitsudo has to allow it to bind that ClusterRole.")
	case kerrors.IsNotFound(err):
		return engine.Refuse(engine.ErrInvalid, "The cluster no longer has the role %s or the namespace %s.", quote(a.Target.Role), quote(a.Target.Scope)).
			On("scope").WithHint("Ask again, for what is there now.")
	case kerrors.IsInvalid(err), kerrors.IsBadRequest(err):
		return engine.Refuse(engine.ErrInvalid, "The cluster does not take this binding of %s on %s.", quote(a.Target.Role), quote(a.Target.Scope)).
			WithHint("Whoever runs jitsudo finds the reason in the cluster's audit log.")
	}
	return unsure("make the binding", err)
}

func noNamespace(scope string, all []string) error {
	return engine.Refuse(engine.ErrInvalid, "The cluster has no namespace %s.", quote(scope)).On("scope").WithHint("%s", hint(scope, all))
}

func noRole(role string, all []string) error {
	return engine.Refuse(engine.ErrInvalid, "The role %s is not one that jitsudo gives here.", quote(role)).On("role").WithHint("%s", hint(role, all))
}
