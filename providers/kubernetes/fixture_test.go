package kubernetes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	client "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
	"github.com/jitsudo-chat/jitsudo/providers/providertest"
)

var shared kubetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m).Run()) }

const (
	podReader    = "pod-reader"
	configReader = "config-reader"
	everywhere   = "*"
)

var (
	longestRole      = strings.Repeat("r", 253)
	longestNamespace = strings.Repeat("n", 63)
	ours             = metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=jitsudo"}
)

// world is a cluster with roles, namespaces and people on it. Nobody but this
// world's people is known under its prefix, so worlds on one cluster keep apart.
type world struct {
	*testing.T
	cluster *kubetest.Cluster
	admin   *client.Clientset
	prefix  string
	wires   *wires
}

var worlds atomic.Int64

func newWorld(t *testing.T, cluster *kubetest.Cluster) *world {
	t.Helper()
	w := &world{T: t, cluster: cluster, admin: client.NewForConfigOrDie(cluster.Admin(t)), prefix: fmt.Sprintf("w%d:", worlds.Add(1))}
	for name, resource := range map[string]string{podReader: "pods", configReader: "configmaps", longestRole: "pods"} {
		rules := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{resource}, Verbs: []string{"list"}}}
		_, err := w.admin.RbacV1().ClusterRoles().Create(t.Context(),
			&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}, metav1.CreateOptions{})
		w.made(err)
	}
	for _, name := range []string{"staging", "prod", longestNamespace} {
		_, err := w.admin.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		w.made(err)
	}
	w.wires = newWires(t, cluster)
	t.Cleanup(w.clear)
	return w
}

func (w *world) made(err error) {
	w.Helper()
	if err != nil && !kerrors.IsAlreadyExists(err) {
		w.Fatal(err)
	}
}

// clear removes what a case may have left, ours and planted.
func (w *world) clear() {
	ctx := context.WithoutCancel(w.Context())
	for _, label := range []string{ours.LabelSelector, "planted=yes"} {
		o := metav1.ListOptions{LabelSelector: label}
		err := w.admin.RbacV1().ClusterRoleBindings().DeleteCollection(ctx, metav1.DeleteOptions{}, o)
		for _, ns := range []string{"staging", "prod", longestNamespace} {
			err = errors.Join(err, w.admin.RbacV1().RoleBindings(ns).DeleteCollection(ctx, metav1.DeleteOptions{}, o))
		}
		if err != nil {
			w.Errorf("clear: %v", err)
		}
	}
}

// provider makes one that goes through the world's wires.
func (w *world) provider() *kubernetes.Cluster {
	w.Helper()
	way := w.cluster.Admin(w.T)
	way.Wrap(func(next http.RoundTripper) http.RoundTripper { w.wires.admin = next; return w.wires })
	c, err := kubernetes.New(kubernetes.Options{Config: way, Roles: []string{podReader, configReader, longestRole, "not-there"}, UserPrefix: w.prefix})
	if err != nil {
		w.Fatal(err)
	}
	c.SetPage(2)
	return c
}

// allowed asks the API server, as the person, for what the role allows.
func (w *world) allowed(ctx context.Context, principal string, t engine.Target) (bool, error) {
	person, err := client.NewForConfig(w.cluster.ConfigFor(w.T, w.prefix+principal))
	if err != nil {
		return false, err
	}
	namespace := t.Scope
	if namespace == everywhere {
		namespace = metav1.NamespaceAll
	}
	if t.Role == configReader {
		_, err = person.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
	} else {
		_, err = person.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	}
	if kerrors.IsForbidden(err) {
		return false, nil
	}
	return err == nil, err
}

// plant makes a binding as somebody else would.
func (w *world) plant(ctx context.Context, name string, a engine.Access, marks ...string) (func() (bool, error), error) {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{"planted": "yes"}, Annotations: map[string]string{}}
	for _, m := range marks {
		k, v, _ := strings.Cut(m, "=")
		meta.Labels[k] = v
	}
	subjects := []rbacv1.Subject{{Kind: "User", APIGroup: "rbac.authorization.k8s.io", Name: w.prefix + a.Principal}}
	role := rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: a.Target.Role}
	if a.Target.Scope == everywhere {
		api := w.admin.RbacV1().ClusterRoleBindings()
		made, err := api.Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: role}, metav1.CreateOptions{})
		return func() (bool, error) {
			now, err := api.Get(ctx, name, metav1.GetOptions{})
			return err == nil && now.ResourceVersion == made.ResourceVersion && now.DeletionTimestamp == nil, err
		}, err
	}
	api := w.admin.RbacV1().RoleBindings(a.Target.Scope)
	made, err := api.Create(ctx, &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: role}, metav1.CreateOptions{})
	return func() (bool, error) {
		now, err := api.Get(ctx, name, metav1.GetOptions{})
		return err == nil && now.ResourceVersion == made.ResourceVersion && now.DeletionTimestamp == nil, err
	}, err
}

func bindingName(a engine.Access) string {
	return "jit-" + strings.ToLower(strings.TrimPrefix(a.ID, "req_"))
}

func (w *world) count(ctx context.Context) (int, error) {
	wide, err := w.admin.RbacV1().ClusterRoleBindings().List(ctx, ours)
	if err != nil {
		return 0, err
	}
	narrow, err := w.admin.RbacV1().RoleBindings(metav1.NamespaceAll).List(ctx, ours)
	if err != nil {
		return 0, err
	}
	return len(wide.Items) + len(narrow.Items), nil
}

func (w *world) fixture(scope string) providertest.Fixture {
	target := func(role, scope string) engine.Target {
		return engine.Target{Provider: "kubernetes", Role: role, Scope: scope}
	}
	longest := target(longestRole, scope)
	if scope != everywhere {
		longest.Scope = longestNamespace
	}
	return providertest.Fixture{
		Provider: w.provider(), Now: time.Now, Settle: 10 * time.Second, Handles: 60,
		Targets: []engine.Target{target(podReader, scope), target(configReader, scope)},
		Longest: providertest.Longest{Principal: strings.Repeat("a", 242) + "@example.com", Target: longest},
		Nonsense: map[string]providertest.Nonsense{
			"no role":            {Target: target("", scope), Field: "role"},
			"unlisted role":      {Target: target("cluster-admin", scope), Field: "role"},
			"built-in role":      {Target: target("system:node", scope), Field: "role"},
			"role not there":     {Target: target("not-there", scope), Field: "role"},
			"role with a path":   {Target: target("../"+podReader, scope), Field: "role"},
			"no scope":           {Target: target(podReader, ""), Field: "scope"},
			"unknown namespace":  {Target: target(podReader, "stagging"), Field: "scope"},
			"namespace in caps":  {Target: target(podReader, "Staging"), Field: "scope"},
			"namespace too long": {Target: target(podReader, longestNamespace+"n"), Field: "scope"},
			"two namespaces":     {Target: target(podReader, "staging,prod"), Field: "scope"},
			"namespace as path":  {Target: target(podReader, "staging/../prod"), Field: "scope"},
		},
		Allowed: w.allowed,
		PlantForeign: func(ctx context.Context, a engine.Access) (func() (bool, error), error) {
			return w.plant(ctx, bindingName(a), a)
		},
		PlantStanding: func(ctx context.Context, a engine.Access) error {
			_, err := w.plant(ctx, "standing-"+bindingName(a), a)
			return err
		},
		LoseAnswers: w.wires.loseAnswers,
		Blind:       w.wires.blind,
		Count:       w.count,
	}
}

// wires stand between a provider and the API server, and can be disturbed.
type wires struct {
	admin    http.RoundTripper
	nobody   http.RoundTripper
	losing   atomic.Bool
	asNobody atomic.Bool
	before   atomic.Pointer[func(*http.Request)] // called ahead of each call
}

func newWires(t *testing.T, cluster *kubetest.Cluster) *wires {
	t.Helper()
	nobody, err := rest.TransportFor(cluster.ConfigFor(t, "nobody"))
	if err != nil {
		t.Fatal(err)
	}
	return &wires{nobody: nobody}
}

func (w *wires) loseAnswers() func() {
	w.losing.Store(true)
	return func() { w.losing.Store(false) }
}

func (w *wires) blind() func() {
	w.asNobody.Store(true)
	return func() { w.asNobody.Store(false) }
}

func (w *wires) RoundTrip(r *http.Request) (*http.Response, error) {
	if before := w.before.Load(); before != nil {
		(*before)(r)
	}
	next := w.admin
	if w.asNobody.Load() {
		next = w.nobody
	}
	answer, err := next.RoundTrip(r)
	if err == nil && w.losing.Load() && r.Method != http.MethodGet {
		return nil, errors.Join(errors.New("connection reset"), answer.Body.Close())
	}
	return answer, err
}
