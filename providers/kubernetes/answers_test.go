package kubernetes_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
)

// against makes a provider to a server that answers as the handler says.
func against(t *testing.T, h http.HandlerFunc) *kubernetes.Cluster {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	p, err := kubernetes.New(kubernetes.Options{Config: &rest.Config{Host: s.URL, Timeout: time.Second}, Roles: []string{"view", "edit"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func status(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: reason, Code: int32(code),
	})
}

func plain(w http.ResponseWriter, code int) { http.Error(w, "<h1>a proxy speaks</h1>", code) }

func TestR1_AnswersThatDoNotProveIt(t *testing.T) {
	for what, answer := range map[string]http.HandlerFunc{
		"404_of_a_proxy":        func(w http.ResponseWriter, _ *http.Request) { plain(w, 404) },
		"401":                   func(w http.ResponseWriter, _ *http.Request) { status(w, 401, metav1.StatusReasonUnauthorized) },
		"403":                   func(w http.ResponseWriter, _ *http.Request) { status(w, 403, metav1.StatusReasonForbidden) },
		"403_of_a_proxy":        func(w http.ResponseWriter, _ *http.Request) { plain(w, 403) },
		"410":                   func(w http.ResponseWriter, _ *http.Request) { status(w, 410, metav1.StatusReasonGone) },
		"500":                   func(w http.ResponseWriter, _ *http.Request) { status(w, 500, metav1.StatusReasonInternalError) },
		"503":                   func(w http.ResponseWriter, _ *http.Request) { plain(w, 503) },
		"504":                   func(w http.ResponseWriter, _ *http.Request) { status(w, 504, metav1.StatusReasonTimeout) },
		"200_that_is_no_answer": func(w http.ResponseWriter, _ *http.Request) { plain(w, 200) },
		"cut_connection":        func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(what+"_is_not_gone", func(t *testing.T) {
			p, a := against(t, answer), access("view", "prod")
			if err := p.Revoke(t.Context(), a); !errors.Is(err, engine.ErrUnavailable) {
				t.Errorf("revoke: %v", err)
			}
			if seen, err := p.Observe(t.Context(), a); err == nil || seen != engine.Unknown {
				t.Errorf("observe: %v, %v", seen, err)
			}
			if err := p.Check(t.Context(), a.Target); err == nil || errors.Is(err, engine.ErrInvalid) {
				t.Errorf("check: %v", err)
			}
			if all, err := p.List(t.Context()); err == nil {
				t.Errorf("list: %v", all)
			}
		})
	}
}

func TestGrant_KindOfAnswer(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer func(http.ResponseWriter)
		want   error
	}{
		{"400_is_final", func(w http.ResponseWriter) { status(w, 400, metav1.StatusReasonBadRequest) }, engine.ErrInvalid},
		{"403_is_final", func(w http.ResponseWriter) { status(w, 403, metav1.StatusReasonForbidden) }, engine.ErrForbidden},
		{"404_is_final", func(w http.ResponseWriter) { status(w, 404, metav1.StatusReasonNotFound) }, engine.ErrInvalid},
		{"422_is_final", func(w http.ResponseWriter) { status(w, 422, metav1.StatusReasonInvalid) }, engine.ErrInvalid},
		{"401_is_open", func(w http.ResponseWriter) { status(w, 401, metav1.StatusReasonUnauthorized) }, engine.ErrUnavailable},
		{"403_of_a_proxy_is_open", func(w http.ResponseWriter) { plain(w, 403) }, engine.ErrUnavailable},
		{"404_of_a_proxy_is_open", func(w http.ResponseWriter) { plain(w, 404) }, engine.ErrUnavailable},
		{"409_of_another_kind_is_open", func(w http.ResponseWriter) { status(w, 409, metav1.StatusReasonConflict) }, engine.ErrUnavailable},
		{"429_is_open", func(w http.ResponseWriter) { status(w, 429, metav1.StatusReasonTooManyRequests) }, engine.ErrUnavailable},
		{"500_is_open", func(w http.ResponseWriter) { status(w, 500, metav1.StatusReasonInternalError) }, engine.ErrUnavailable},
		{"504_is_open", func(w http.ResponseWriter) { status(w, 504, metav1.StatusReasonTimeout) }, engine.ErrUnavailable},
		{"cut_connection_is_open", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, engine.ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := against(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet { // role and namespace are there
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(`{}`))
					return
				}
				tc.answer(w)
			})
			err := p.Grant(t.Context(), access("view", "prod"))
			for _, kind := range []error{engine.ErrInvalid, engine.ErrForbidden, engine.ErrUnavailable} {
				if errors.Is(err, kind) != (kind == tc.want) {
					t.Errorf("grant: %v; is %v: %t", err, kind, errors.Is(err, kind))
				}
			}
		})
	}
}

func TestCheck_NonsenseCostsNoCall(t *testing.T) {
	var calls atomic.Int64
	p := against(t, func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); plain(w, 500) })
	for _, tc := range []struct{ role, scope, field, hint string }{
		{"veiw", "prod", "role", "Did you mean view?"},
		{"VIEW", "prod", "role", "Did you mean view?"},
		{"cluster-admin", "prod", "role", "There is view, edit."},
		{"system:masters", "prod", "role", "There is"},
		{"", "prod", "role", "There is view, edit."},
		{strings.Repeat("x", 9999), "prod", "role", "There is view, edit."},
		{"view", "", "scope", "lower case"},
		{"view", "Prod", "scope", "lower case"},
		{"view", "-prod", "scope", "lower case"},
		{"view", "prod/pods", "scope", "lower case"},
		{"view", "**", "scope", "lower case"},
		{"view", strings.Repeat("n", 64), "scope", "lower case"},
	} {
		err := p.Check(t.Context(), engine.Target{Role: tc.role, Scope: tc.scope})
		var r *engine.Refusal
		if !errors.As(err, &r) || r.Kind != engine.ErrInvalid || r.Field != tc.field || !strings.Contains(r.Hint, tc.hint) || len(r.Say) > 200 {
			t.Errorf("%q on %q: %+v", tc.role, tc.scope, err)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the cluster was called %d times", n)
	}
}

func TestCheck_NamespaceHint(t *testing.T) {
	w := newWorld(t, shared.Get(t))
	p := w.provider()
	var r *engine.Refusal
	err := p.Check(t.Context(), engine.Target{Role: podReader, Scope: "stagging"})
	if !errors.As(err, &r) || r.Say != `The cluster has no namespace "stagging".` || r.Hint != "Did you mean staging?" {
		t.Errorf("check: %v", engine.Explain(err))
	}
}

func TestGrant_BuiltInPeopleAreRefused(t *testing.T) {
	for prefix, people := range map[string][]string{"": {"system:masters", "system:admin", "system:serviceaccount:kube-system:default"}, "sys": {"tem:masters"}} {
		p, err := kubernetes.New(kubernetes.Options{Config: &rest.Config{Host: "127.0.0.1:1"}, Roles: []string{"view"}, UserPrefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range people {
			a := access("view", everywhere)
			a.Principal = who
			if err := p.Grant(t.Context(), a); !errors.Is(err, engine.ErrInvalid) {
				t.Errorf("%s%s: %v", prefix, who, err)
			}
		}
	}
}

func TestNew_WhatWouldBeDangerousIsRefused(t *testing.T) {
	way := &rest.Config{Host: "127.0.0.1:1"}
	for what, o := range map[string]kubernetes.Options{
		"no_cluster":       {Roles: []string{"view"}},
		"no_roles":         {Config: way},
		"built_in_role":    {Config: way, Roles: []string{"view", "system:node"}},
		"role_that_is_all": {Config: way, Roles: []string{"*"}},
		"built_in_prefix":  {Config: way, Roles: []string{"view"}, UserPrefix: "system:"},
		"prefix_of_spaces": {Config: way, Roles: []string{"view"}, UserPrefix: "oidc: "},
	} {
		if _, err := kubernetes.New(o); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := kubernetes.New(kubernetes.Options{Config: way, Roles: []string{"view", "cluster-admin"}, UserPrefix: "oidc:"}); err != nil {
		t.Errorf("a sound one: %v", err)
	}
}

func TestHowToUse_NamesTheNamespace(t *testing.T) {
	p, err := kubernetes.New(kubernetes.Options{Config: &rest.Config{Host: "127.0.0.1:1"}, Roles: []string{"view"}, Context: "big"})
	if err != nil {
		t.Fatal(err)
	}
	for scope, want := range map[string]string{"prod": "`kubectl --context big --namespace prod get pods`", everywhere: "`kubectl --context big get pods --all-namespaces`"} {
		if text := p.HowToUse(access("view", scope)); !strings.Contains(text, want) || !strings.Contains(text, "view") {
			t.Errorf("%s: %s", scope, text)
		}
	}
}
