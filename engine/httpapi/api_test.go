package httpapi_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/httpapi"
)

func newRequest(t *testing.T, method, url, body string) (*http.Request, error) {
	t.Helper()
	return http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
}

// Every bad call gets one sentence, names the field, and leaves nothing behind.
func TestBadCallsAreRefusedByName(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		body        string
		status      int
		field, says string
	}{
		"UnknownField":             {`{"provider":"sandbox","scope":"prod"}`, 400, "", `There is no field "scope". Did you mean resource_scope?`},
		"MisspeltField":            {`{"resaon":"x"}`, 400, "", "Did you mean reason?"},
		"FieldOfAnotherCase":       {`{"Reason":"x"}`, 400, "", "Did you mean reason?"},
		"TextForANumber":           {`{"duration_seconds":"1h"}`, 400, "duration_seconds", "must be a whole number"},
		"FractionForANumber":       {`{"duration_seconds":1.5}`, 400, "duration_seconds", "must be a whole number"},
		"NumberInMetadata":         {`{"metadata":{"a":1}}`, 400, "metadata", "must be an object of text"},
		"NoObject":                 {`[1]`, 400, "", "The body is not a JSON object."},
		"Null":                     {`null`, 400, "", "The body is not a JSON object."},
		"TwoObjects":               {`{} {}`, 400, "", "Something follows"},
		"NoJSON":                   {`provider=sandbox`, 400, "", "The body is not a JSON object."},
		"DeeplyNested":             {strings.Repeat(`{"a":`, 12000) + "1" + strings.Repeat("}", 12000), 400, "", "large"},
		"NotUTF8":                  {"{\"reason\":\"\xff\"}", 400, "", "UTF-8"},
		"TooLarge":                 {`{"reason":"` + strings.Repeat("x", 70<<10) + `"}`, 400, "", "larger than 65536 bytes"},
		"UnknownProvider":          {strings.Replace(draft("editor"), "sandbox", "sandbx", 1), 400, "provider", `There is no provider "sandbx" here.`},
		"RoleThatIsNone":           {draft("emperor"), 400, "role", "role"},
		"ScopeThatIsNone":          {strings.Replace(draft("editor"), "staging", "moon", 1), 400, "resource_scope", "scope"},
		"NegativeDuration":         {strings.Replace(draft("editor"), "600", "-600", 1), 400, "duration_seconds", "at least one second"},
		"ZeroDuration":             {strings.Replace(draft("editor"), "600", "0", 1), 400, "duration_seconds", "at least one second"},
		"D2_DurationThatWraps":     {strings.Replace(draft("editor"), "600", "18446747674", 1), 400, "duration_seconds", "longer than any clock"},
		"DurationBeyondAnyNumber":  {strings.Replace(draft("editor"), "600", "1e400", 1), 400, "duration_seconds", "whole number"},
		"DurationBeyondTheCap":     {strings.Replace(draft("editor"), "600", "864000", 1), 400, "duration_seconds", "too long"},
		"ReasonOfTenThousand":      {strings.Replace(draft("editor"), "why", strings.Repeat("x", 10_000), 1), 400, "reason", "10000 characters"},
		"ReasonOfControls":         {strings.Replace(draft("editor"), "why", `a\u001b[2Jb`, 1), 400, "reason", "U+001B"},
		"ReasonWithDirectionTrick": {strings.Replace(draft("editor"), "why", `a\u202eb`, 1), 400, "reason", "U+202E"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := w.ask(t, "alice", "POST", base+"/requests", c.body)
			if resp.StatusCode != c.status || field(t, body, "code") != "invalid" {
				t.Fatalf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
			if got := field(t, body, "field"); got != c.field {
				t.Errorf("field %q, want %q", got, c.field)
			}
			if !strings.Contains(field(t, body, "detail")+" "+field(t, body, "hint"), c.says) {
				t.Errorf("%s does not say %q", body, c.says)
			}
		})
	}
	if _, body := w.ask(t, "carol", "GET", base+"/requests", ""); strings.Contains(body, "req_") {
		t.Errorf("a bad call left a request behind: %s", body)
	}
}

func TestBadQueriesAreRefusedByName(t *testing.T) {
	w := newWorld(t)
	for query, says := range map[string]string{
		"/requests?sate=ACTIVE":                     "Did you mean state?",
		"/requests?state=LOST":                      `There is no state \"LOST\".`,
		"/requests?pending=maybe":                   "must be true or false",
		"/requests?pending&state=ACTIVE":            "contradict",
		"/requests?mine&requester_identity=bob@b.c": "contradict",
		"/requests?page_size=-1":                    "must be a whole number",
		"/requests?page_token=rubbish":              "page",
		"/requests?mine=1&mine=0":                   "more than once",
		"/requests?%zz":                             "malformed",
		"/audit?since=yesterday":                    "must be a time",
		"/audit?order=up":                           "order must be asc or desc",
		"/audit?after=3":                            "order=asc",
		"/requests/req_X?wait_for=ever":             "wait_for must be decision or final",
	} {
		resp, body := w.ask(t, "alice", "GET", base+query, "")
		if resp.StatusCode != 400 || !strings.Contains(body, says) {
			t.Errorf("%s: %d %s, want 400 with %q", query, resp.StatusCode, body, says)
		}
	}
}

func TestWebPagesOfOthersAreKeptOut(t *testing.T) {
	w := newWorld(t, func(o *httpapi.Options, _ *http.Server) { o.Hosts = []string{"jitsudo.example.com"} })
	here := strings.TrimPrefix(w.tcp, "http://")
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"NoBrowser":              {nil, 200},
		"OurOwnPage":             {[]string{"Origin", w.tcp, "Sec-Fetch-Site", "same-origin"}, 200},
		"ConfiguredName":         {[]string{"Host", "jitsudo.example.com"}, 200},
		"Localhost":              {[]string{"Host", "LocalHost:1"}, 200},
		"IPv6":                   {[]string{"Host", "[::1]:80"}, 200},
		"ReboundName":            {[]string{"Host", "evil.example"}, 403},
		"ReboundNameWithPort":    {[]string{"Host", "evil.example:80"}, 403},
		"NameThatBeginsAlike":    {[]string{"Host", "localhost.evil.example"}, 403},
		"AddressOfTheNetwork":    {[]string{"Host", "192.0.2.1"}, 403},
		"ForeignOrigin":          {[]string{"Origin", "http://evil.example"}, 403},
		"OriginOfAnotherPort":    {[]string{"Origin", "http://" + strings.Split(here, ":")[0] + ":1"}, 403},
		"NullOrigin":             {[]string{"Origin", "null"}, 403},
		"CrossSiteWithoutOrigin": {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"SameSite":               {[]string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := w.ask(t, "alice", "GET", base+"/whoami", "", c.headers...)
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
		})
	}
	resp, body := w.ask(t, "alice", "POST", base+"/requests", draft("editor"), "Content-Type", "text/plain")
	if resp.StatusCode != 400 || !strings.Contains(body, "not marked as JSON") {
		t.Errorf("a form's body: %d %s", resp.StatusCode, body)
	}
}

func TestT1_TokensThatDoNotCount(t *testing.T) {
	w := newWorld(t)
	good := w.tokens["alice"]
	for name, header := range map[string]string{
		"Empty": "", "NoKind": good, "Basic": "Basic " + good, "OtherCase": "Bearer " + strings.ToLower(good), "Cut": "Bearer " + good[:len(good)-1],
		"WithoutPrefix": "Bearer " + strings.TrimPrefix(good, "jsu_"), "TheDigest": "Bearer " + httpapi.DigestOf(good).String(), "Odd": "Bearer \xff\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := w.ask(t, "", "GET", base+"/whoami", "", "Authorization", header)
			if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" || strings.Contains(body, good) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	if resp, body := w.ask(t, "alice", "GET", base+"/whoami", ""); resp.StatusCode != 200 || field(t, body, "identity") != "alice@example.com" {
		t.Errorf("the good token: %d %s", resp.StatusCode, body)
	}
}

func TestT1_TokenEndsAtItsTime(t *testing.T) {
	value, digest := httpapi.NewToken()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tokens, err := httpapi.NewTokens(httpapi.Token{Name: "x", Principal: "x@example.com", Digest: digest, Expires: now.Add(time.Second)})
	must(t, err)
	w := newWorld(t, func(o *httpapi.Options, _ *http.Server) { o.Tokens = tokens; o.Now = func() time.Time { return now } })
	w.tokens["x"] = value
	if resp, _ := w.ask(t, "x", "GET", base+"/whoami", ""); resp.StatusCode != 200 {
		t.Errorf("before its end: %d", resp.StatusCode)
	}
	now = now.Add(time.Second)
	if resp, _ := w.ask(t, "x", "GET", base+"/whoami", ""); resp.StatusCode != 401 {
		t.Errorf("at its end: %d", resp.StatusCode)
	}
}

func FuzzAuthorizationHeader(f *testing.F) {
	f.Add("Bearer jsu_x")
	f.Add("bearer  ")
	f.Add("\x00")
	tokens, _ := httpapi.NewTokens(httpapi.Token{Name: "x", Principal: "x", Digest: httpapi.DigestOf("jsu_secret")})
	e, err := engine.New(f.Context(), engine.Options{
		Store: forgetful{}, Policy: rules{}, Directory: directory{}, Platforms: map[string]engine.Platform{"none": {Provider: struct{ engine.Provider }{}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	h, err := httpapi.New(httpapi.Options{Engine: e, Tokens: tokens})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		req, _ := http.NewRequest("GET", "http://localhost"+base+"/whoami", nil)
		req.Header["Authorization"] = []string{header}
		got := recorder{header: http.Header{}}
		h.ServeHTTP(&got, req)
		if got.status != 401 && !strings.Contains(header, "jsu_secret") {
			t.Fatalf("%q got %d", header, got.status)
		}
	})
}

// forgetful is a store that keeps no refusal.
type forgetful struct{ engine.Store }

func (forgetful) Advance(_ context.Context, m engine.Moment) (engine.Moment, error) { return m, nil }
func (forgetful) Append(context.Context, ...engine.Event) error                     { return nil }
func (forgetful) Get(context.Context, string) (engine.Request, error) {
	return engine.Request{}, engine.ErrNotFound
}

type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(s int)           { r.status = s }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }

func TestTokensMustBeWhole(t *testing.T) {
	_, d := httpapi.NewToken()
	for name, list := range map[string][]httpapi.Token{
		"NoDigest":    {{Name: "a", Principal: "a"}},
		"NoPrincipal": {{Name: "a", Digest: d}},
		"Twice":       {{Name: "a", Principal: "a", Digest: d}, {Name: "b", Principal: "b", Digest: d}},
	} {
		if _, err := httpapi.NewTokens(list...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if back, err := httpapi.ParseDigest(hex.EncodeToString(d[:])); err != nil || back != d {
		t.Errorf("digest read back as %v, %v", back, err)
	}
	if _, err := httpapi.ParseDigest("abc"); err == nil {
		t.Error("a short digest was taken")
	}
}

func TestS4_SameKeyGivesTheSameRequest(t *testing.T) {
	w := newWorld(t)
	_, first := w.ask(t, "alice", "POST", base+"/requests", draft("editor"), "Idempotency-Key", "k1")
	_, second := w.ask(t, "alice", "POST", base+"/requests", draft("editor"), "Idempotency-Key", "k1")
	id := field(t, first, "request", "id")
	if id == "" || id != field(t, second, "request", "id") {
		t.Errorf("two requests:\n%s%s", first, second)
	}
	for range 2 {
		resp, body := w.ask(t, "bob", "POST", base+"/requests/"+id+"/approve", `{"comment":"ok"}`, "Idempotency-Key", "k2")
		if resp.StatusCode != 200 {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	}
	resp, body := w.ask(t, "bob", "POST", base+"/requests/"+id+"/approve", `{}`)
	if resp.StatusCode != 409 || field(t, body, "code") != "conflict" {
		t.Errorf("a second approval: %d %s", resp.StatusCode, body)
	}
}

func TestC4_CredentialsAreForTheRequesterWhileActive(t *testing.T) {
	w := newWorld(t)
	id := w.active(t)
	resp, body := w.ask(t, "alice", "GET", base+"/requests/"+id+"/credentials", "")
	if resp.StatusCode != 200 || !strings.Contains(body, "sbx_") || field(t, body, "grant", "request_id") != id {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	for _, who := range []string{"carol", "bob", "audrey"} {
		if resp, body := w.ask(t, who, "GET", base+"/requests/"+id+"/credentials", ""); resp.StatusCode != 403 || strings.Contains(body, "sbx_") {
			t.Errorf("%s: %d %s", who, resp.StatusCode, body)
		}
	}
	if resp, _ := w.ask(t, "alice", "HEAD", base+"/requests/"+id+"/credentials", ""); resp.StatusCode != 400 {
		t.Errorf("HEAD minted: %d", resp.StatusCode)
	}
	_, log := w.ask(t, "carol", "GET", base+"/audit?action=credentials.issued", "")
	if strings.Count(log, `"action":"credentials.issued"`) != 1 || strings.Contains(log, "sbx_") {
		t.Errorf("the log has %s", log)
	}
	w.ask(t, "alice", "POST", base+"/requests/"+id+"/revoke", "")
	if resp, body := w.ask(t, "alice", "GET", base+"/requests/"+id+"/credentials", ""); resp.StatusCode != 409 {
		t.Errorf("after its end: %d %s", resp.StatusCode, body)
	}
}

func TestWaitingEndsWhenTheStateComes(t *testing.T) {
	w := newWorld(t, func(_ *httpapi.Options, s *http.Server) {
		s.ReadTimeout = 50 * time.Millisecond // much less than is waited: it must not cut the waiting short
	})
	id := w.submit(t, "editor")
	began := time.Now()
	_, body := w.ask(t, "alice", "GET", base+"/requests/"+id+"?wait_for=decision&timeout_seconds=1", "")
	if s, took := field(t, body, "request", "state"), time.Since(began); s != "PENDING" || took < time.Second {
		t.Fatalf("state %s after %s, want PENDING when the second is up", s, took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", w.tcp+base+"/requests/"+id+"?wait_for=decision", nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+w.tokens["alice"])
	got := make(chan string, 1)
	go func() { // joined below
		_, body := answer(t, http.DefaultClient, req)
		got <- body
	}()
	w.ask(t, "bob", "POST", base+"/requests/"+id+"/approve", "")
	if s := field(t, <-got, "request", "state"); s != "ACTIVE" {
		t.Errorf("state %s, want ACTIVE", s)
	}
}

func TestShutdownLetsWaitersGo(t *testing.T) {
	arrived := make(chan struct{}, 1)
	w := newWorld(t, func(o *httpapi.Options, _ *http.Server) {
		o.Local = func(uint32) (string, error) { arrived <- struct{}{}; return "alice@example.com", nil }
	})
	id := w.submit(t, "editor")
	req, err := newRequest(t, "GET", "http://x"+base+"/requests/"+id+"?wait_for=final", "")
	must(t, err)
	got := make(chan string, 1)
	go func() { // joined below
		_, body := answer(t, w.onSocket(), req)
		got <- body
	}()
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	must(t, w.server.Shutdown(ctx))
	if s := field(t, <-got, "request", "state"); s != "PENDING" {
		t.Errorf("state %s, want PENDING", s)
	}
}

func TestPagingReachesEverything(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for range 5 {
		want[w.submit(t, "editor")] = true
	}
	next := ""
	for pages := 0; ; pages++ {
		_, body := w.ask(t, "alice", "GET", base+"/requests?mine&page_size=2&page_token="+next, "")
		for id := range want {
			if strings.Contains(body, id) {
				delete(want, id)
			}
		}
		if next = field(t, body, "next_page_token"); next == "" {
			break
		}
		if pages > 5 {
			t.Fatal("the pages do not end")
		}
	}
	if len(want) > 0 {
		t.Errorf("%d requests were on no page", len(want))
	}
}

func TestReadinessTellsOnlyWhatIsForPeople(t *testing.T) {
	for name, c := range map[string]struct {
		ready  error
		status int
		says   string
	}{
		"Ready":          {nil, 200, "ready"},
		"NotReady":       {errors.New("dial tcp 10.0.0.1: secret detail"), 503, "The daemon is not ready."},
		"WithASentence":  {engine.Refuse(engine.ErrUnavailable, "Slack is not connected."), 503, "Slack is not connected."},
		"AnyKindIsUnfit": {engine.Refuse(engine.ErrInvalid, "No."), 503, "No."},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *httpapi.Options, _ *http.Server) { o.Ready = func() error { return c.ready } })
			resp, body := w.ask(t, "", "GET", "/readyz", "")
			if resp.StatusCode != c.status || !strings.Contains(body, c.says) || strings.Contains(body, "secret") {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}

func TestRoutesThatAreNone(t *testing.T) {
	w := newWorld(t)
	resp, body := w.ask(t, "alice", "GET", "/nothing", "")
	if resp.StatusCode != 404 || field(t, body, "code") != "not_found" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	resp, body = w.ask(t, "alice", "DELETE", base+"/requests", "")
	if resp.StatusCode != 405 || !strings.Contains(resp.Header.Get("Allow"), "POST") || field(t, body, "code") != "invalid" {
		t.Errorf("%d %s %v", resp.StatusCode, body, resp.Header)
	}
	if resp, body = w.ask(t, "alice", "GET", base+"/whoami", "{}"); resp.StatusCode != 400 {
		t.Errorf("a body where none belongs: %d %s", resp.StatusCode, body)
	}
}

func TestD1_CallsAreBounded(t *testing.T) {
	s := httpapi.Server(http.NotFoundHandler(), nil)
	for name, got := range map[string]time.Duration{
		"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout, "WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout,
	} {
		if got <= 0 || got > 2*time.Minute {
			t.Errorf("%s is %s", name, got)
		}
	}
	w := newWorld(t, func(_ *httpapi.Options, s *http.Server) { s.ReadHeaderTimeout = 100 * time.Millisecond })
	if resp, _ := w.ask(t, "alice", "GET", base+"/whoami", "", "X-Large", strings.Repeat("x", 32<<10)); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 32 KiB: %d", resp.StatusCode)
	}
	slow, err := net.Dial("tcp", strings.TrimPrefix(w.tcp, "http://"))
	must(t, err)
	defer func() { _ = slow.Close() }()
	_, err = slow.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "))
	must(t, err)
	must(t, slow.SetReadDeadline(time.Now().Add(soon)))
	raw, err := io.ReadAll(slow)
	if err != nil {
		t.Errorf("a caller who never finishes was not cut off: %v", err)
	}
	if strings.Contains(string(raw), "200 OK") {
		t.Errorf("half a call was answered: %s", raw)
	}
}
