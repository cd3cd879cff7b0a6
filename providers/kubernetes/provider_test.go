package kubernetes_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
	"github.com/jitsudo-chat/jitsudo/providers/providertest"
)

func TestProviderContract(t *testing.T) {
	for what, scope := range map[string]string{"in_a_namespace": "staging", "on_the_whole_cluster": everywhere} {
		t.Run(what, func(t *testing.T) {
			providertest.Run(t, func(t *testing.T) providertest.Fixture { return newWorld(t, shared.Get(t)).fixture(scope) })
		})
	}
}

func access(role, scope string) engine.Access {
	return engine.Access{
		ID: providertest.NewID(), Principal: "alice@example.com", Deadline: time.Now().Add(time.Hour),
		Target: engine.Target{Provider: "kubernetes", Role: role, Scope: scope},
	}
}

func (w *world) wantAllowed(a engine.Access, want bool) {
	w.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		got, err := w.allowed(w.Context(), a.Principal, a.Target)
		if err == nil && got == want {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("the API server allows %s on %s: %t (%v), want %t", a.Target.Role, a.Target.Scope, got, err, want)
		}
	}
}

func TestR2_KilledAtTheMomentOfExpiry_GoneAfterItsReturn(t *testing.T) {
	cluster := kubetest.Start(t)
	w := newWorld(t, cluster)
	p := w.provider()
	for _, scope := range []string{"prod", everywhere} {
		a := access(podReader, scope)
		w.wantAllowed(a, false)
		if err := p.Grant(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		w.wantAllowed(a, true)
		cluster.Kill()
		if err := p.Revoke(t.Context(), a); err == nil {
			t.Fatal("revoke passed for success while the API server was dead")
		}
		if seen, err := p.Observe(t.Context(), a); err == nil || seen != engine.Unknown {
			t.Fatalf("observe says %v, %v while the API server is dead", seen, err)
		}
		back := make(chan time.Time, 1)
		go func() { cluster.Restart(t); back <- time.Now() }()
		retry := time.NewTicker(200 * time.Millisecond)
		for p.Revoke(t.Context(), a) != nil {
			<-retry.C
		}
		retry.Stop()
		if took := time.Since(<-back); took > time.Minute {
			t.Errorf("gone only %v after the return", took)
		}
		if seen, err := p.Observe(t.Context(), a); err != nil || seen != engine.Absent {
			t.Fatalf("observe: %v, %v", seen, err)
		}
		w.wantAllowed(a, false)
	}
}

func TestG6_BindingMadeAnewWhileBeingDeleted(t *testing.T) {
	for _, scope := range []string{"staging", everywhere} {
		t.Run("foreign_survives_"+map[string]string{"staging": "in_a_namespace", everywhere: "on_the_whole_cluster"}[scope], func(t *testing.T) {
			w := newWorld(t, shared.Get(t))
			p, a := w.provider(), access(podReader, scope)
			if err := p.Grant(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			var untouched func() (bool, error)
			swap := func(r *http.Request) {
				if r.Method != http.MethodDelete || untouched != nil {
					return
				}
				var err error
				if scope == everywhere {
					err = w.admin.RbacV1().ClusterRoleBindings().Delete(t.Context(), bindingName(a), metav1.DeleteOptions{})
				} else {
					err = w.admin.RbacV1().RoleBindings(scope).Delete(t.Context(), bindingName(a), metav1.DeleteOptions{})
				}
				if err == nil {
					untouched, err = w.plant(t.Context(), bindingName(a), a, "app.kubernetes.io/managed-by=somebody")
				}
				if err != nil {
					t.Error(err)
				}
			}
			w.wires.before.Store(&swap)
			if err := p.Revoke(t.Context(), a); err != nil {
				t.Fatalf("revoke: %v", err)
			}
			if still, err := untouched(); err != nil || !still {
				t.Errorf("the foreign binding is untouched: %t, %v", still, err)
			}
			if seen, err := p.Observe(t.Context(), a); err != nil || seen != engine.Foreign {
				t.Errorf("observe: %v, %v", seen, err)
			}
		})
	}
}

func TestR1_HeldByAFinalizerIsNotGone(t *testing.T) {
	w := newWorld(t, shared.Get(t))
	p, a := w.provider(), access(podReader, "staging")
	if err := p.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	api := w.admin.RbacV1().RoleBindings("staging")
	hold := func(list string) {
		t.Helper()
		patch := []byte(`{"metadata":{"finalizers":` + list + `}}`)
		if _, err := api.Patch(t.Context(), bindingName(a), types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	hold(`["example.com/hold"]`)
	if err := p.Revoke(t.Context(), a); err == nil {
		t.Error("revoke passed for success while the binding was held")
	}
	if seen, err := p.Observe(t.Context(), a); err != nil || seen != engine.Present {
		t.Errorf("observe: %v, %v", seen, err)
	}
	w.wantAllowed(a, true)
	if err := p.Grant(t.Context(), a); err == nil {
		t.Error("grant took a binding that is being deleted for a live one")
	}
	hold(`[]`)
	if err := p.Revoke(t.Context(), a); err != nil {
		t.Error(err)
	}
	w.wantAllowed(a, false)
}

func TestMarks_OfTheBinding(t *testing.T) {
	w := newWorld(t, shared.Get(t))
	p, a := w.provider(), access(podReader, "staging")
	if err := p.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	b, err := w.admin.RbacV1().RoleBindings("staging").Get(t.Context(), bindingName(a), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		b.Labels["app.kubernetes.io/managed-by"]: "jitsudo",
		b.Labels["jitsudo.dev/request"]:          a.ID[4:],
		b.Annotations["jitsudo.dev/request"]:     a.ID,
		b.Annotations["jitsudo.dev/principal"]:   a.Principal,
		b.Annotations["jitsudo.dev/expires-at"]:  a.Deadline.UTC().Format(time.RFC3339),
		b.Subjects[0].Kind + b.Subjects[0].Name:  "User" + w.prefix + a.Principal,
		b.RoleRef.Kind + "/" + b.RoleRef.Name:    "ClusterRole/" + podReader,
	} {
		if got != want {
			t.Errorf("the binding has %q, want %q", got, want)
		}
	}
}

func TestConfig_FromKubeconfig(t *testing.T) {
	cluster := shared.Get(t)
	w := newWorld(t, cluster)
	file := filepath.Join(t.TempDir(), "config")
	cluster.Kubeconfig(t, file, cluster.Admin(t))
	for context, works := range map[string]bool{"": true, "kubetest": true, "elsewhere": false} {
		way, err := kubernetes.Config(file, context)
		if works != (err == nil) {
			t.Fatalf("context %q: %v", context, err)
		}
		if !works {
			continue
		}
		p, err := kubernetes.New(kubernetes.Options{Config: way, Roles: []string{podReader}, UserPrefix: w.prefix})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(t.Context(), engine.Target{Role: podReader, Scope: "prod"}); err != nil {
			t.Errorf("context %q: %v", context, err)
		}
	}
	if _, err := kubernetes.Config(filepath.Join(t.TempDir(), "none"), ""); err == nil {
		t.Error("a file that is not there was taken")
	}
}
