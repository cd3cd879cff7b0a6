package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Grant makes the binding of a request; a second time changes nothing. It asks
// the cluster for role and namespace again, as either may have gone since.
func (c *Cluster) Grant(ctx context.Context, a engine.Access) error {
	b, err := c.plan(a)
	if err != nil {
		return err
	}
	if err := c.look(ctx, c.work, a.Target); err != nil {
		return err
	}
	err = c.work.create(ctx, b)
	if kerrors.IsAlreadyExists(err) && fromServer(err) {
		return c.adopt(ctx, a, b)
	}
	if err != nil {
		return final(a, err)
	}
	return nil
}

// plan returns the binding that a shall be, without asking the cluster.
func (c *Cluster) plan(a engine.Access) (binding, error) {
	if err := c.plausible(a.Target); err != nil {
		return binding{}, err
	}
	p, ulid, err := locate(a)
	if err != nil {
		return binding{}, err
	}
	user, err := c.username(a.Principal)
	if err != nil {
		return binding{}, err
	}
	if !a.Deadline.After(c.now()) {
		return binding{}, engine.Refuse(engine.ErrInvalid, "This access would have ended before it began.").WithHint("Ask for it anew.")
	}
	return binding{
		ObjectMeta: metav1.ObjectMeta{
			Name: p.name, Namespace: p.namespace,
			Labels: map[string]string{labelManager: manager, labelRequest: ulid},
			Annotations: map[string]string{
				noteRequest: a.ID, notePrincipal: a.Principal, noteExpires: a.Deadline.UTC().Format(time.RFC3339),
			},
		},
		subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacGroup, Name: user}},
		role:     rbacv1.RoleRef{Kind: "ClusterRole", APIGroup: rbacGroup, Name: a.Target.Role},
	}, nil
}

// adopt decides about a binding that is there already: the answer of an
// earlier call was lost, or it is somebody else's.
func (c *Cluster) adopt(ctx context.Context, a engine.Access, want binding) error {
	got, err := c.work.read(ctx, place{want.Namespace, want.Name})
	if err != nil {
		return unsure("read back the binding", err)
	}
	if got.DeletionTimestamp != nil {
		return unsure("make the binding", errors.New("one of this name is being deleted"))
	}
	if owned(got, a) && got.role == want.role && slices.Equal(got.subjects, want.subjects) {
		return nil
	}
	return engine.Refuse(engine.ErrInvalid, "The cluster has a binding named %s already, and it is not what this request asks for.", want.Name).
		WithHint("Ask whoever runs the cluster to look at it.")
}

// owned reports whether b carries every mark of what Grant makes for a.
func owned(b binding, a engine.Access) bool {
	_, ulid, err := locate(a)
	return err == nil && b.Labels[labelManager] == manager && b.Labels[labelRequest] == ulid && b.Annotations[noteRequest] == a.ID
}

// maxTurns bounds how often Revoke begins again because the binding was made
// anew under its hands.
const maxTurns = 5

// Revoke deletes the binding of a request, and returns when it was seen to be
// gone. A binding of that name without jitsudo's marks stays.
func (c *Cluster) Revoke(ctx context.Context, a engine.Access) error {
	p, _, err := locate(a)
	if err != nil {
		return nil // Grant refuses such names before any call: it never was
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	for range maxTurns {
		seen, err := c.work.read(ctx, p)
		switch {
		case gone(err):
			return nil
		case err != nil:
			return unsure("look at the binding", err)
		case !owned(seen, a):
			return nil
		}
		err = c.work.remove(ctx, p, seen)
		if err != nil && !gone(err) && !kerrors.IsConflict(err) {
			return unsure("delete the binding", err)
		}
		// Round again: only a look can tell that it is gone. A finalizer may
		// hold it, and while it is held it still gives access.
	}
	return unsure("delete the binding", fmt.Errorf("%s is still there", p.name))
}

// Observe reads back whether the binding of a request is there.
func (c *Cluster) Observe(ctx context.Context, a engine.Access) (engine.Presence, error) {
	p, _, err := locate(a)
	if err != nil {
		return engine.Absent, nil // Grant refuses such names before any call: it never was
	}
	if err := ctx.Err(); err != nil {
		return engine.Unknown, fmt.Errorf("observe: %w", err)
	}
	seen, err := c.work.read(ctx, p)
	switch {
	case gone(err):
		return engine.Absent, nil
	case err != nil:
		return engine.Unknown, unsure("look at the binding", err)
	case owned(seen, a):
		return engine.Present, nil
	}
	return engine.Foreign, nil
}

// List returns every access that jitsudo made, of any daemon on this cluster.
func (c *Cluster) List(ctx context.Context) ([]engine.Access, error) {
	all, err := c.work.managed(ctx)
	if err != nil {
		return nil, unsure("list the bindings", err)
	}
	var found []engine.Access
	for _, b := range all {
		a := engine.Access{ID: b.Annotations[noteRequest], Principal: b.Annotations[notePrincipal]}
		a.Target = engine.Target{Provider: c.name, Role: b.role.Name, Scope: b.Namespace}
		if b.Namespace == "" {
			a.Target.Scope = everywhere
		}
		// Without a readable deadline it is long overdue, which is what zero says.
		a.Deadline, _ = time.Parse(time.RFC3339, b.Annotations[noteExpires])
		if p, _, err := locate(a); err == nil && p.name == b.Name && owned(b, a) {
			found = append(found, a)
		}
	}
	return found, nil
}

// HowToUse says how to use a live access.
func (c *Cluster) HowToUse(a engine.Access) string {
	kubectl := "kubectl"
	if c.context != "" {
		kubectl += " --context " + c.context
	}
	if a.Target.Scope == everywhere {
		return "You hold the ClusterRole " + a.Target.Role + " on the whole cluster. See what it allows with `" + kubectl +
			" auth can-i --list`, and use it as always, for example `" + kubectl + " get pods --all-namespaces`."
	}
	kubectl += " --namespace " + a.Target.Scope
	return "You hold the ClusterRole " + a.Target.Role + " in the namespace " + a.Target.Scope + ". See what it allows with `" + kubectl +
		" auth can-i --list`, and use it as always, for example `" + kubectl + " get pods`."
}
