package kubernetes

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
)

// calls are the ways to the cluster that one kind of work has for itself.
type calls struct {
	rbac, core rest.Interface
	page       int // how many objects one call lists
}

// connect makes the REST clients that are needed. The typed clients would bring
// the types of every API of Kubernetes along; this brings two groups.
//
// What people set off, and may set off without end, has a limit. Giving, taking
// and looking has none, so that no flood of questions can hold up the end of an
// access; how much of that is under way at a time is the engine's to say, and
// the API server has bounds of its own.
func connect(config *rest.Config) (people, engine calls, err error) {
	limited, free := rest.CopyConfig(config), rest.CopyConfig(config)
	if limited.QPS == 0 && limited.RateLimiter == nil {
		limited.QPS, limited.Burst = callsPerSecond, callsAtOnce
	}
	free.QPS, free.RateLimiter = -1, nil // negative is none (rest.Config)
	if people, err = clients(limited); err != nil {
		return calls{}, calls{}, err
	}
	engine, err = clients(free)
	return people, engine, err
}

// clients makes the two clients; they share the limit of the configuration.
func clients(config *rest.Config) (calls, error) {
	if config.RateLimiter == nil && config.QPS > 0 {
		config.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(config.QPS, config.Burst)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(rbacv1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return calls{}, fmt.Errorf("types: %w", err)
	}
	codecs := serializer.NewCodecFactory(scheme).WithoutConversion()
	client := func(group schema.GroupVersion, path string) (rest.Interface, error) {
		c := rest.CopyConfig(config)
		c.GroupVersion, c.APIPath, c.NegotiatedSerializer = &group, path, codecs
		c.ContentConfig.ContentType = runtime.ContentTypeJSON
		c.UserAgent = "jitsudo"
		made, err := rest.RESTClientFor(c)
		if err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		return made, nil
	}
	rbac, err := client(rbacv1.SchemeGroupVersion, "/apis")
	if err != nil {
		return calls{}, err
	}
	core, err := client(corev1.SchemeGroupVersion, "/api")
	return calls{rbac: rbac, core: core, page: pageSize}, err
}

// everywhere is the scope that is the whole cluster.
const everywhere = "*"

// binding is a RoleBinding or a ClusterRoleBinding; they differ in nothing but
// where they live. The namespace is "" for the whole cluster.
type binding struct {
	metav1.ObjectMeta
	subjects []rbacv1.Subject
	role     rbacv1.RoleRef
}

// place says where a binding lives.
type place struct {
	namespace string // "" for the whole cluster
	name      string
}

func (p place) resource() string {
	if p.namespace == "" {
		return "clusterrolebindings"
	}
	return "rolebindings"
}

// at completes a call with the place; without a name it is the collection.
func (p place) at(r *rest.Request) *rest.Request {
	r = r.NamespaceIfScoped(p.namespace, p.namespace != "").Resource(p.resource())
	if p.name != "" {
		r = r.Name(p.name)
	}
	return r
}

func fromCluster(b *rbacv1.ClusterRoleBinding) binding {
	return binding{b.ObjectMeta, b.Subjects, b.RoleRef}
}

func fromNamespace(b *rbacv1.RoleBinding) binding {
	return binding{b.ObjectMeta, b.Subjects, b.RoleRef}
}

// object returns b as the API server takes it.
func (b binding) object() runtime.Object {
	if b.Namespace == "" {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: b.ObjectMeta, Subjects: b.subjects, RoleRef: b.role}
	}
	return &rbacv1.RoleBinding{ObjectMeta: b.ObjectMeta, Subjects: b.subjects, RoleRef: b.role}
}
