package sandbox_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// serve shows a cloud under a path, the way another page embeds it.
func serve(t *testing.T, c *sandbox.Cloud) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/cloud/", http.StripPrefix("/cloud", c.Handler()))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/cloud/"
}

func fetch(t *testing.T, url, token string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestPage_ShowsWhoMayDoWhat(t *testing.T) {
	c := open(t, sandbox.Options{Frames: []string{"http://127.0.0.1:9999"}})
	url := serve(t, c)
	if _, body := fetch(t, url, ""); !strings.Contains(body, "Nobody.") {
		t.Error("the empty page does not say so")
	}
	a := access("editor", "prod")
	if err := c.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "live"} {
		answer, body := fetch(t, url+path, "")
		policy := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != 200 || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") ||
			!strings.HasSuffix(policy, "frame-ancestors 'self' http://127.0.0.1:9999") {
			t.Errorf("%q: %s, policy %q", path, answer.Status, policy)
		}
		for _, want := range []string{"alice@example.com", `<span class="role">editor</span>`, "<li>write</li>", `data-left="3600000"`, "got editor on prod"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q lacks %q", path, want)
			}
		}
		if strings.Contains(body, " style=") || strings.Contains(body, "onclick") {
			t.Errorf("%q has something inline that the policy forbids", path)
		}
	}
	for _, path := range []string{"panel.js", "panel.css", "bindings.json"} {
		if answer, body := fetch(t, url+path, ""); answer.StatusCode != 200 || body == "" {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
}

func TestPage_EscapesAllText(t *testing.T) {
	c := open(t, sandbox.Options{})
	evil := `"><script>alert(1)</script>`
	if err := c.Plant(sandbox.Binding{Name: evil, Owner: evil, Principal: evil, Role: evil, Scope: evil}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "live", "bindings.json"} {
		if _, body := fetch(t, serve(t, c)+path, ""); strings.Contains(body, "<script>alert") {
			t.Errorf("%q is not escaped: %s", path, body)
		}
	}
}

func TestEvents_TellEveryChangeAndEndWithTheContext(t *testing.T) {
	c := open(t, sandbox.Options{})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, serve(t, c)+"events", nil)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	next := func(want string) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if data != want {
					t.Fatalf("event %q, want %q", data, want)
				}
				return
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
	}
	next("hello")
	a := access("viewer", "prod")
	if err := c.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	next("changed")
	if err := c.Revoke(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	next("changed")
	end()
	rest := 0
	for lines.Scan() { // what was under way may still come
		rest++
	}
	if rest > 2 {
		t.Errorf("the stream goes on with %d lines", rest)
	}
}

func TestTry_AnswersForTheTokensHolder(t *testing.T) {
	c := open(t, sandbox.Options{})
	url := serve(t, c)
	a := access("editor", "prod")
	if err := c.Grant(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	token, _ := mint(t, c, a)
	ask := func(token, query string, want int) {
		t.Helper()
		if answer, body := fetch(t, url+"try?"+query, token); answer.StatusCode != want {
			t.Errorf("%s: %s %s, want %d", query, answer.Status, body, want)
		}
	}
	ask(token, "scope=prod&verb=write", 200)
	ask(token, "scope=prod&verb=delete", 403)
	ask(token, "scope=staging&verb=read", 403)
	ask(token, "", 403)
	ask("", "scope=prod&verb=write", 401)
	ask("sbx_nonsense", "scope=prod&verb=write", 401)
	if err := c.Revoke(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	ask(token, "scope=prod&verb=write", 401)
	if _, body := fetch(t, url+"bindings.json", ""); strings.Contains(body, token) {
		t.Error("the token is kept")
	}
}
