package kubernetes

import (
	"context"
	"strconv"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// read returns what is at a place now. No resource version is named, so the
// API server answers with what the quorum of its store has, and from no cache.
func (c calls) read(ctx context.Context, p place) (binding, error) {
	call := p.at(c.rbac.Get()).Do(ctx)
	if p.namespace == "" {
		var b rbacv1.ClusterRoleBinding
		err := call.Into(&b)
		return fromCluster(&b), err
	}
	var b rbacv1.RoleBinding
	err := call.Into(&b)
	return fromNamespace(&b), err
}

func (c calls) create(ctx context.Context, b binding) error {
	return place{namespace: b.Namespace}.at(c.rbac.Post()).Body(b.object()).Do(ctx).Error()
}

// remove deletes exactly the binding that was read: one that was made anew
// under the same name has another UID, and the API server refuses.
func (c calls) remove(ctx context.Context, p place, seen binding) error {
	o := &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(seen.UID))}
	return p.at(c.rbac.Delete()).Body(o).Do(ctx).Error()
}

// pageSize is how many objects one call lists; a cluster may have thousands.
const pageSize = 500

// pages lists a resource over all namespaces, page by page, until read has
// enough. read decodes a page and returns where the next one begins.
func pages(read func(from string) (next string, enough bool, err error)) error {
	for from := ""; ; {
		next, enough, err := read(from)
		if err != nil || enough || next == "" {
			return err
		}
		from = next
	}
}

// managed returns every binding that is marked as jitsudo's, of both kinds.
func (c calls) managed(ctx context.Context) ([]binding, error) {
	var all []binding
	err := pages(func(from string) (string, bool, error) {
		var l rbacv1.ClusterRoleBindingList
		err := c.list(ctx, "clusterrolebindings", from).Into(&l)
		for i := range l.Items {
			all = append(all, fromCluster(&l.Items[i]))
		}
		return l.Continue, false, err
	})
	if err != nil {
		return nil, err
	}
	err = pages(func(from string) (string, bool, error) {
		var l rbacv1.RoleBindingList
		err := c.list(ctx, "rolebindings", from).Into(&l)
		for i := range l.Items {
			all = append(all, fromNamespace(&l.Items[i]))
		}
		return l.Continue, false, err
	})
	return all, err
}

func (c calls) list(ctx context.Context, resource, from string) rest.Result {
	call := c.rbac.Get().Resource(resource).Param("labelSelector", labelManager+"="+manager).Param("limit", strconv.Itoa(c.page))
	if from != "" {
		call = call.Param("continue", from)
	}
	return call.Do(ctx)
}
