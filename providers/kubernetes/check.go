package kubernetes

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Check says whether the role may be given and is in the cluster, and whether
// the namespace is.
func (c *Cluster) Check(ctx context.Context, t engine.Target) error {
	return c.look(ctx, c.people, t)
}

// look is Check over the way that is named.
func (c *Cluster) look(ctx context.Context, over calls, t engine.Target) error {
	if err := c.plausible(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	if err := over.roleThere(ctx, t.Role); err != nil || t.Scope == everywhere {
		return err
	}
	return over.namespaceThere(ctx, t.Scope)
}

// plausible says what can be said without asking the cluster.
func (c *Cluster) plausible(t engine.Target) error {
	if !slices.Contains(c.roles, t.Role) {
		return noRole(t.Role, c.roles)
	}
	if err := checkRole(t.Role); err != nil {
		return err
	}
	return checkScope(t.Scope)
}

func (c calls) roleThere(ctx context.Context, role string) error {
	err := c.rbac.Get().Resource("clusterroles").Name(role).Do(ctx).Into(&rbacv1.ClusterRole{})
	switch {
	case gone(err):
		return engine.Refuse(engine.ErrInvalid, "The cluster has no ClusterRole %s.", quote(role)).On("role").
			WithHint("Choose another role, or ask whoever runs the cluster to make it.")
	case err != nil:
		return unsure("look up the role", err)
	}
	return nil
}

func (c calls) namespaceThere(ctx context.Context, name string) error {
	var n corev1.Namespace
	err := c.core.Get().Resource("namespaces").Name(name).Do(ctx).Into(&n)
	switch {
	case gone(err):
		// A hint is a courtesy: when the names cannot be had it stays general.
		all, _ := c.namespaces(ctx, "", 0)
		return noNamespace(name, all)
	case err != nil:
		return unsure("look up the namespace", err)
	case n.DeletionTimestamp != nil:
		return engine.Refuse(engine.ErrInvalid, "The namespace %s is being deleted.", quote(name)).On("scope").WithHint("Choose another one.")
	}
	return nil
}

// namespaces returns the names that begin with prefix, at most limit of them;
// 0 is no limit.
func (c calls) namespaces(ctx context.Context, prefix string, limit int) ([]string, error) {
	var names []string
	err := pages(func(from string) (string, bool, error) {
		call := c.core.Get().Resource("namespaces").Param("limit", strconv.Itoa(c.page))
		if from != "" {
			call = call.Param("continue", from)
		}
		var l corev1.NamespaceList
		if err := call.Do(ctx).Into(&l); err != nil {
			return "", false, unsure("list the namespaces", err)
		}
		for _, n := range l.Items {
			if strings.HasPrefix(n.Name, prefix) && (limit <= 0 || len(names) < limit) {
				names = append(names, n.Name)
			}
		}
		return l.Continue, limit > 0 && len(names) == limit, nil
	})
	return names, err
}

// Suggest returns roles that may be given, or namespaces, that begin with what
// was typed. Roles come from the configuration and cost no call.
func (c *Cluster) Suggest(ctx context.Context, s engine.Suggestion) ([]engine.Choice, error) {
	prefix := strings.ToLower(s.Prefix)
	var found []engine.Choice
	switch s.Field {
	case "role":
		for _, r := range c.roles {
			if strings.HasPrefix(strings.ToLower(r), prefix) && (s.Limit <= 0 || len(found) < s.Limit) {
				found = append(found, engine.Choice{Value: r})
			}
		}
	case "scope":
		if strings.HasPrefix(everywhere, prefix) {
			found = append(found, engine.Choice{Value: everywhere, Label: everywhere + " (the whole cluster)"})
		}
		if s.Limit == 1 && len(found) == 1 {
			return found, nil
		}
		names, err := c.people.namespaces(ctx, prefix, max(0, s.Limit-len(found)))
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			found = append(found, engine.Choice{Value: n})
		}
	}
	return found, nil
}
