package kubernetes_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	client "k8s.io/client-go/kubernetes"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"
	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
)

// apply makes what an example file says, as kubectl would.
func (w *world) apply(file string) {
	w.Helper()
	raw, err := os.ReadFile(filepath.Join("../../examples/kubernetes", file))
	if err != nil {
		w.Fatal(err)
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	for {
		var doc json.RawMessage
		if err := documents.Decode(&doc); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			w.Fatalf("%s: %v", file, err)
		}
		var object struct {
			metav1.TypeMeta
			metav1.ObjectMeta `json:"metadata"`
		}
		if err := json.Unmarshal(doc, &object); err != nil {
			w.Fatal(err)
		}
		path := "/apis/" + object.APIVersion
		if object.APIVersion == "v1" {
			path = "/api/v1"
		}
		if object.Namespace != "" {
			path += "/namespaces/" + object.Namespace
		}
		plural := strings.TrimSuffix(strings.ToLower(object.Kind), "y")
		if plural != strings.ToLower(object.Kind) {
			plural += "ie"
		}
		err := w.admin.RESTClient().Post().AbsPath(path, plural+"s").Param("fieldValidation", "Strict").Body([]byte(doc)).
			SetHeader("Content-Type", "application/json").Do(w.Context()).Error()
		if err != nil {
			w.Fatalf("%s: %s %s: %v", file, object.Kind, object.Name, err)
		}
	}
}

// asJitsudo makes a provider with exactly the rights of the example file.
func (w *world) asJitsudo() *kubernetes.Cluster {
	w.Helper()
	w.apply("rbac.yaml")
	// Without the controller manager the built-in roles have no rules.
	view, err := w.admin.RbacV1().ClusterRoles().Get(w.Context(), "view", metav1.GetOptions{})
	if err == nil {
		view.Rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}}}
		_, err = w.admin.RbacV1().ClusterRoles().Update(w.Context(), view, metav1.UpdateOptions{})
	}
	if err != nil {
		w.Fatal(err)
	}
	way := w.cluster.ConfigFor(w.T, "system:serviceaccount:jitsudo:jitsudo", "system:serviceaccounts", "system:serviceaccounts:jitsudo")
	p, err := kubernetes.New(kubernetes.Options{Config: way, Roles: []string{"view", "edit", podReader}, UserPrefix: w.prefix})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func TestRights_OfTheExample(t *testing.T) {
	w := newWorld(t, kubetest.Start(t))
	p := w.asJitsudo()
	listed := []engine.Access{access("view", "staging"), access("view", everywhere)}
	suite := func(t *testing.T) {
		for _, a := range listed {
			a.ID = access("", "").ID
			w.in(t).lifeOf(p, a)
		}
	}
	t.Run("suffice_for_the_listed_roles", suite)
	t.Run("do_not_suffice_for_another_role", func(t *testing.T) { w.in(t).cannotGive(p) })
	t.Run("suffice_to_list_and_suggest", func(t *testing.T) {
		if _, err := p.List(t.Context()); err != nil {
			t.Errorf("list: %v", err)
		}
		names, err := p.Suggest(t.Context(), engine.Suggestion{Field: "scope", Prefix: "sta", Limit: 5})
		if err != nil || len(names) != 1 || names[0].Value != "staging" {
			t.Errorf("suggest: %v, %v", names, err)
		}
	})
	w.apply("admission.yaml")
	t.Run("with_the_admission_policy_others_bindings_are_safe", func(t *testing.T) { w.in(t).wantLocked() })
	t.Run("with_the_admission_policy_still_suffice", suite)
}

// in is the same world in a sub-test.
func (w *world) in(t *testing.T) *world {
	sub := *w
	sub.T = t
	return &sub
}

func (w *world) lifeOf(p *kubernetes.Cluster, a engine.Access) {
	w.Helper()
	if err := p.Check(w.Context(), a.Target); err != nil {
		w.Fatalf("check: %v", err)
	}
	w.wantAllowed(a, false)
	if err := p.Grant(w.Context(), a); err != nil {
		w.Fatalf("grant: %v", err)
	}
	w.wantAllowed(a, true)
	if err := p.Revoke(w.Context(), a); err != nil {
		w.Fatalf("revoke: %v", err)
	}
	w.wantAllowed(a, false)
}

// cannotGive tries a role that jitsudo's configuration lists and its rights do
// not: first as it is, then with the right to see it, so that the API server's
// rule on bindings is what refuses.
func (w *world) cannotGive(p *kubernetes.Cluster) {
	a := access(podReader, "staging")
	if err := p.Grant(w.Context(), a); err == nil {
		w.Error("granted a role that jitsudo may not even see")
	}
	w.let(rbacv1.PolicyRule{APIGroups: []string{"rbac.authorization.k8s.io"}, Resources: []string{"clusterroles"}, Verbs: []string{"get"}})
	for _, scope := range []string{"staging", everywhere} {
		a := access(podReader, scope)
		err := p.Grant(w.Context(), a)
		var r *engine.Refusal
		if !errors.Is(err, engine.ErrForbidden) || !errors.As(err, &r) || r.Hint == "" {
			w.Errorf("grant of another role on %s: %v", scope, err)
		}
		w.wantAllowed(a, false)
	}
}

// let gives jitsudo one more right.
func (w *world) let(rule rbacv1.PolicyRule) {
	w.Helper()
	role, err := w.admin.RbacV1().ClusterRoles().Get(w.Context(), "jitsudo", metav1.GetOptions{})
	if err == nil {
		role.Rules = append(role.Rules, rule)
		_, err = w.admin.RbacV1().ClusterRoles().Update(w.Context(), role, metav1.UpdateOptions{})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// wantLocked waits until the policy is in force, which takes the API server a
// moment, and tries what it is there to prevent.
func (w *world) wantLocked() {
	way := w.cluster.ConfigFor(w.T, "system:serviceaccount:jitsudo:jitsudo")
	api := clientFor(w.T, way).RbacV1().RoleBindings("staging")
	attempts := map[string]func(context.Context) error{
		"deletion of a stranger's binding": func(ctx context.Context) error {
			_, err := w.plant(ctx, "standing", access("view", "staging"))
			w.made(err)
			return api.Delete(ctx, "standing", metav1.DeleteOptions{})
		},
		"binding of a whole group": func(ctx context.Context) error {
			return makeBinding(ctx, api, rbacv1.Subject{Kind: "Group", APIGroup: "rbac.authorization.k8s.io", Name: "everybody"}, true)
		},
		"binding without marks": func(ctx context.Context) error {
			return makeBinding(ctx, api, rbacv1.Subject{Kind: "User", APIGroup: "rbac.authorization.k8s.io", Name: "alice"}, false)
		},
	}
	w.Cleanup(w.clear)
	for what, attempt := range attempts {
		for deadline := time.Now().Add(30 * time.Second); ; {
			err := attempt(w.Context())
			if err != nil && strings.Contains(err.Error(), "ValidatingAdmissionPolicy 'jitsudo'") {
				break
			}
			if time.Now().After(deadline) {
				w.Fatalf("%s: %v", what, err)
			}
		}
	}
}

func clientFor(t *testing.T, way *rest.Config) *client.Clientset {
	t.Helper()
	c, err := client.NewForConfig(way)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func makeBinding(ctx context.Context, api rbacclient.RoleBindingInterface, subject rbacv1.Subject, marked bool) error {
	a := access("view", "staging")
	b := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: bindingName(a)}, Subjects: []rbacv1.Subject{subject},
		RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "view"},
	}
	if marked {
		b.Labels = map[string]string{"app.kubernetes.io/managed-by": "jitsudo", "jitsudo.dev/request": a.ID[4:]}
		b.Annotations = map[string]string{"jitsudo.dev/expires-at": "2026-08-03T12:00:00Z"}
	}
	_, err := api.Create(ctx, b, metav1.CreateOptions{})
	return err
}
