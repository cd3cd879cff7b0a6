package kubetest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	rbac "k8s.io/api/rbac/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
)

var cluster kubetest.Shared

func TestMain(m *testing.M) { os.Exit(cluster.Main(m).Run()) }

func clientset(t *testing.T, way *rest.Config) *kubernetes.Clientset {
	t.Helper()
	client, err := kubernetes.NewForConfig(way)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// readsNodes is the error of a person's attempt to read something.
func readsNodes(t *testing.T, way *rest.Config) error {
	t.Helper()
	_, err := clientset(t, way).CoreV1().Nodes().List(t.Context(), meta.ListOptions{})
	return err
}

func makeReader(t *testing.T, admin *kubernetes.Clientset, name string) {
	t.Helper()
	role := &rbac.ClusterRole{
		ObjectMeta: meta.ObjectMeta{Name: name},
		Rules:      []rbac.PolicyRule{{APIGroups: []string{""}, Resources: []string{"nodes"}, Verbs: []string{"list"}}},
	}
	if _, err := admin.RbacV1().ClusterRoles().Create(t.Context(), role, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	removeLater(t, name, admin.RbacV1().ClusterRoles().Delete)
}

// removeLater keeps the shared cluster as it was for the next run of the test.
func removeLater(t *testing.T, name string, remove func(context.Context, string, meta.DeleteOptions) error) {
	t.Cleanup(func() {
		err := remove(context.WithoutCancel(t.Context()), name, meta.DeleteOptions{})
		if err != nil && !kerrors.IsNotFound(err) {
			t.Errorf("clean-up of %s: %v", name, err)
		}
	})
}

func bind(t *testing.T, admin *kubernetes.Clientset, name string, to rbac.Subject) {
	t.Helper()
	to.APIGroup = rbac.GroupName
	binding := &rbac.ClusterRoleBinding{
		ObjectMeta: meta.ObjectMeta{Name: name},
		RoleRef:    rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbac.Subject{to},
	}
	if _, err := admin.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, meta.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	removeLater(t, name, admin.RbacV1().ClusterRoleBindings().Delete)
}

func TestAccessFollowsTheBinding(t *testing.T) {
	cases := map[string]struct {
		role    string
		subject rbac.Subject
	}{
		"of a user":  {"reader-by-name", rbac.Subject{Kind: rbac.UserKind, Name: "alice@example.com"}},
		"of a group": {"reader-by-group", rbac.Subject{Kind: rbac.GroupKind, Name: "sre"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := cluster.Get(t)
			admin := clientset(t, server.Admin(t))
			alice := server.ConfigFor(t, "alice@example.com", "sre")
			stranger := server.ConfigFor(t, "mallory@example.com")
			makeReader(t, admin, c.role)

			if err := readsNodes(t, alice); !kerrors.IsForbidden(err) {
				t.Fatalf("before the binding: %v, want forbidden", err)
			}
			bind(t, admin, c.role, c.subject)
			awaitNodes(t, alice, "after the binding", func(err error) bool { return err == nil })
			if err := readsNodes(t, stranger); !kerrors.IsForbidden(err) {
				t.Errorf("somebody else while it exists: %v, want forbidden", err)
			}
			if err := admin.RbacV1().ClusterRoleBindings().Delete(t.Context(), c.role, meta.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			awaitNodes(t, alice, "after its deletion", kerrors.IsForbidden)
		})
	}
}

// awaitNodes asks until the server's authorizer, which follows the stored
// objects by a watch, has seen the change: a few milliseconds.
func awaitNodes(t *testing.T, way *rest.Config, when string, ok func(error) bool) {
	t.Helper()
	var err error
	for range 500 {
		if err = readsNodes(t, way); ok(err) {
			return
		}
	}
	t.Fatalf("%s: still %v", when, err)
}

func TestUnknownCertificateIsRefused(t *testing.T) {
	way := cluster.Get(t).ConfigFor(t, "alice@example.com")
	way.CertData, way.KeyData = nil, nil
	way.BearerToken = "made-up"
	if err := readsNodes(t, way); !kerrors.IsUnauthorized(err) {
		t.Fatalf("a made-up token: %v, want unauthorized", err)
	}
}

func TestKubeconfigNamesThePerson(t *testing.T) {
	server := cluster.Get(t)
	path := filepath.Join(t.TempDir(), "config")
	server.Kubeconfig(t, path, server.Admin(t))
	way, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := readsNodes(t, way); err != nil {
		t.Fatalf("the administrator by file: %v", err)
	}
	server.Kubeconfig(t, path, server.ConfigFor(t, "alice@example.com"))
	if way, err = clientcmd.BuildConfigFromFlags("", path); err != nil {
		t.Fatal(err)
	}
	if err := readsNodes(t, way); !kerrors.IsForbidden(err) {
		t.Fatalf("a person without a role by file: %v, want forbidden", err)
	}
}

func TestRestartKeepsTheObjects(t *testing.T) {
	server := kubetest.Start(t)
	admin := clientset(t, server.Admin(t))
	alice := server.ConfigFor(t, "alice@example.com")
	makeReader(t, admin, "reader")
	bind(t, admin, "reader", rbac.Subject{Kind: rbac.UserKind, Name: "alice@example.com"})
	before, err := admin.RbacV1().ClusterRoleBindings().Get(t.Context(), "reader", meta.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}

	server.Kill()
	server.Kill() // a second one does nothing
	if err := readsNodes(t, alice); err == nil || kerrors.ReasonForError(err) != meta.StatusReasonUnknown {
		t.Fatalf("killed server answered: %v", err)
	}

	server.Restart(t)
	after, err := admin.RbacV1().ClusterRoleBindings().Get(t.Context(), "reader", meta.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if after.UID != before.UID {
		t.Errorf("binding after the restart is another object: %s, was %s", after.UID, before.UID)
	}
	if err := readsNodes(t, alice); err != nil {
		t.Errorf("the person after the restart: %v", err)
	}
}
