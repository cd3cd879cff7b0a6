package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/httpapi"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// people are everybody and their groups; "nobody" is somebody without a token.
var people = map[string][]string{
	"alice@example.com": {"sre"}, "bob@example.com": {"sre-leads"}, "carol@example.com": {"jitsudo-admins"},
	"audrey@example.com": {"auditors"}, "stan@example.com": nil,
}

type directory struct{}

func (directory) Lookup(_ context.Context, id string) (engine.Principal, error) {
	groups, ok := people[id]
	if !ok && id != "gone@example.com" {
		return engine.Principal{}, engine.ErrNotFound
	}
	return engine.Principal{ID: id, Name: id, Groups: groups, Disabled: !ok}, nil
}

// rules: everybody may ask, sre-leads approve, viewer needs nobody.
type rules struct{}

func (rules) Revision() string { return "r1" }

func (rules) Decide(_ context.Context, q engine.Question) (engine.Decision, error) {
	d := engine.Decision{Revision: "r1", Allowed: true}
	switch q.Action {
	case engine.ActRequest, engine.ActBreakGlass:
		d.Terms = engine.Terms{Tier: engine.TierHuman, Required: 1, ApproverGroups: []string{"sre-leads"}}
		if q.Request.Target.Role == "viewer" || q.Action == engine.ActBreakGlass {
			d.Terms.Tier = engine.TierAuto
		}
	default:
		d.Allowed = q.User.In("sre-leads")
	}
	return d, nil
}

// A world is a daemon's engine behind its API, on a unix socket and on TCP.
type world struct {
	engine *engine.Engine
	tokens map[string]string // by first name
	tcp    string            // http://127.0.0.1:port
	socket string
	server *http.Server
}

func newWorld(t *testing.T, change ...func(*httpapi.Options, *http.Server)) *world {
	t.Helper()
	dir := t.TempDir()
	store, err := bolt.Open(filepath.Join(dir, "jitsudo.db"), bolt.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	cloud, err := sandbox.New(sandbox.Options{})
	must(t, err)
	e, err := engine.New(t.Context(), engine.Options{
		Store: store, Policy: rules{}, Directory: directory{}, Platforms: map[string]engine.Platform{"sandbox": {Provider: cloud}},
		Admins: []string{"jitsudo-admins"}, Auditors: []string{"auditors"}, Sole: true,
	})
	must(t, err)
	w := &world{engine: e, tokens: map[string]string{}}
	var tokens []httpapi.Token
	for id := range people {
		name, _, _ := strings.Cut(id, "@")
		value, digest := httpapi.NewToken()
		w.tokens[name] = value
		tokens = append(tokens, httpapi.Token{Name: name, Principal: id, Digest: digest})
	}
	o := httpapi.Options{Engine: e, Version: "v0", Local: func(uid uint32) (string, error) {
		if uid != uint32(os.Getuid()) {
			return "", engine.ErrNotFound
		}
		return "carol@example.com", nil
	}}
	o.Tokens, err = httpapi.NewTokens(tokens...)
	must(t, err)
	w.server = httpapi.Server(nil, nil)
	for _, c := range change {
		c(&o, w.server)
	}
	w.serve(t, o, dir)
	return w
}

func (w *world) serve(t *testing.T, o httpapi.Options, dir string) {
	t.Helper()
	h, err := httpapi.New(o)
	must(t, err)
	w.server.Handler = h
	w.socket = filepath.Join(dir, "s.sock")
	onSocket, err := net.Listen("unix", w.socket)
	must(t, err)
	onTCP, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.tcp = "http://" + onTCP.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	var all errgroup.Group
	for _, q := range []engine.Queue{engine.AccessQueue, engine.CardQueue} {
		all.Go(func() error { return w.engine.Run(ctx, q) })
	}
	for _, l := range []net.Listener{onSocket, onTCP} {
		all.Go(func() error {
			if err := w.server.Serve(l); err != http.ErrServerClosed { //nolint:errorlint // as the documentation has it
				return err
			}
			return nil
		})
	}
	t.Cleanup(func() {
		must(t, w.server.Shutdown(context.Background()))
		stop()
		must(t, all.Wait())
	})
}

// ask sends one call and returns the answer and its body.
func (w *world) ask(t *testing.T, who, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.tcp+path, strings.NewReader(body))
	must(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token := w.tokens[who]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	return answer(t, http.DefaultClient, req)
}

func answer(t *testing.T, c *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := c.Do(req)
	must(t, err)
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return resp, string(raw)
}

func (w *world) onSocket() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", w.socket)
	}}}
}

const base = "/api/v1alpha1"

func draft(role string) string {
	return `{"provider":"sandbox","role":"` + role + `","resource_scope":"staging","duration_seconds":600,"reason":"why"}`
}

// submit makes a request of alice's and returns its ID.
func (w *world) submit(t *testing.T, role string) string {
	t.Helper()
	resp, body := w.ask(t, "alice", "POST", base+"/requests", draft(role))
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("submit: %d %s", resp.StatusCode, body)
	}
	return field(t, body, "request", "id")
}

// active makes a request of alice's that is live.
func (w *world) active(t *testing.T) string {
	t.Helper()
	id := w.submit(t, "viewer")
	_, body := w.ask(t, "alice", "GET", base+"/requests/"+id+"?wait_for=decision", "")
	if s := field(t, body, "request", "state"); s != "ACTIVE" {
		t.Fatalf("state %s, want ACTIVE", s)
	}
	return id
}

// field digs a text out of a JSON document.
func field(t *testing.T, body string, path ...string) string {
	t.Helper()
	var v any
	must(t, json.Unmarshal([]byte(body), &v))
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %s", path, body)
		}
		v = m[p]
	}
	s, _ := v.(string)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon bounds what must not hang.
const soon = 20 * time.Second
