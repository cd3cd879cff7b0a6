package kubernetes_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
)

// answering is an API server that answers at once: every role and namespace is
// there, a binding is when it was made.
type answering struct {
	mu   sync.Mutex
	made map[string][]byte // path → the binding
}

func (s *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, body := http.StatusOK, []byte(nil)
	switch {
	case strings.Contains(r.URL.Path, "/clusterroles/"):
		body = []byte(`{"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1"}`)
	case r.URL.Query().Has("labelSelector"):
		body = []byte(`{"kind":"List","apiVersion":"v1"}`)
	case !strings.Contains(r.URL.Path, "bindings"):
		body = []byte(`{"kind":"Namespace","apiVersion":"v1"}`)
	case r.Method == http.MethodPost:
		made, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.made[r.URL.Path], body = made, made
	case r.Method == http.MethodDelete:
		clear(s.made)
		body = []byte(`{"kind":"Status","apiVersion":"v1","status":"Success"}`)
	default:
		status, body = http.StatusNotFound, []byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
		for path, b := range s.made {
			if strings.HasPrefix(r.URL.Path, path) {
				status, body = http.StatusOK, b
			}
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// TestD1_QuestionsStarveNoEnd: however much people ask, giving, looking at and
// taking an access does not wait.
func TestD1_QuestionsStarveNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &answering{made: map[string][]byte{}}
		c, err := kubernetes.New(kubernetes.Options{Config: &rest.Config{Host: "http://localhost", Transport: server}, Roles: []string{podReader}})
		if err != nil {
			t.Fatal(err)
		}
		target := engine.Target{Provider: "kubernetes", Role: podReader, Scope: "staging"}
		flood, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3000 {
			all.Go(func() { _ = c.Check(flood, target) })
		}
		defer all.Wait()
		defer stop()
		synctest.Wait()
		a := engine.Access{ID: "req_01J8KZ4F2EMNQZ3V7XKQYBD4W0", Principal: "alice@example.com", Target: target, Deadline: time.Now().Add(time.Hour)}
		observed := func(want engine.Presence) func(context.Context) error {
			return func(ctx context.Context) error {
				got, err := c.Observe(ctx, a)
				if err == nil && got != want {
					err = fmt.Errorf("it is %v, want %v", got, want)
				}
				return err
			}
		}
		for _, step := range []struct {
			name string
			do   func(context.Context) error
		}{
			{"grant", func(ctx context.Context) error { return c.Grant(ctx, a) }},
			{"observe it", observed(engine.Present)},
			{"list", func(ctx context.Context) error { _, err := c.List(ctx); return err }},
			{"revoke", func(ctx context.Context) error { return c.Revoke(ctx, a) }},
			{"observe its end", observed(engine.Absent)},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := step.do(ctx); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			cancel()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Check(ctx, target); !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("one more question: %v, want it to be turned away", err)
		}
	})
}
