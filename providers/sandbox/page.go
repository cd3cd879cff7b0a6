package sandbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// maxShown bounds how many bindings the page draws.
const maxShown = 100

// heartbeat is how often a silent event stream says that it is alive.
const heartbeat = 15 * time.Second

// site serves what can be seen of a cloud.
type site struct {
	cloud *Cloud
	page  *template.Template
}

// Handler serves the page at "/" with its live parts, the bindings as JSON at
// "/bindings.json", events at "/events" (a stream that ends with its request's
// context: give the server a BaseContext to end it at shutdown) and the question
// whether a token's holder may do something at "/try". Its links are relative:
// mount it under any path, with http.StripPrefix, and show the page with a
// slash at the end.
func (c *Cloud) Handler() http.Handler {
	s := site{cloud: c, page: template.Must(template.ParseFS(pageFiles, "page/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show("page.html"))
	mux.HandleFunc("GET /live", s.show("live.html"))
	mux.HandleFunc("GET /bindings.json", s.bindings)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /try", s.try)
	mux.HandleFunc("POST /try", s.try)
	mux.Handle("GET /panel.js", file("page/panel.js", "text/javascript; charset=utf-8"))
	mux.Handle("GET /panel.css", file("page/panel.css", "text/css; charset=utf-8"))
	return s.guarded(mux)
}

func (s site) guarded(next http.Handler) http.Handler {
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors " + strings.Join(append([]string{"'self'"}, s.cloud.frames...), " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func file(path, kind string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := pageFiles.ReadFile(path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(raw) // who left needs no answer
	})
}

func (s site) show(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		if err := s.page.ExecuteTemplate(&b, name, s.cloud.view()); err != nil {
			http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(b.Bytes()) // who left needs no answer
	}
}

func (s site) bindings(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"bindings": s.cloud.Bindings(), "history": s.cloud.History()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who left needs no answer
}

// events tells that something changed; what changed is fetched from "live".
func (s site) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for line := "retry: 1000\ndata: hello\n\n"; ; {
		changed := s.cloud.Changed()
		if _, err := fmt.Fprint(w, line); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
			line = "data: changed\n\n"
		case <-beat.C:
			line = ": alive\n\n"
		}
	}
}

// try says whether the holder of the token may do something: 200 yes, 403 no,
// 401 for a token that is dead or never was.
func (s site) try(w http.ResponseWriter, r *http.Request) {
	value, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	scope, verb := r.FormValue("scope"), r.FormValue("verb")
	b, alive := s.cloud.Holder(value)
	switch {
	case !isBearer || !alive:
		w.Header().Set("WWW-Authenticate", `Bearer realm="sandbox"`)
		answer(w, http.StatusUnauthorized, map[string]any{"allowed": false, "why": "The token is missing, has ended, or was taken away."})
	case !s.cloud.TryToken(value, scope, verb):
		why := fmt.Sprintf("%s holds %s on %s, which does not allow that.", b.Principal, b.Role, b.Scope)
		answer(w, http.StatusForbidden, map[string]any{"allowed": false, "why": why})
	default:
		answer(w, http.StatusOK, map[string]any{"allowed": true, "principal": b.Principal, "scope": scope, "verb": verb})
	}
}
