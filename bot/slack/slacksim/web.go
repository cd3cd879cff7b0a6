package slacksim

import (
	"embed"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed web
var pageFiles embed.FS

// WebHandler is the side that browsers talk to: the page and its API. It refuses every Host that is not loopback, so that
// no name that merely resolves to this machine reaches it, and every foreign Origin.
func (s *Server) WebHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ui/state", s.serveState)
	mux.HandleFunc("GET /ui/events", s.serveEvents)
	mux.HandleFunc("POST /ui/act", s.serveAct)
	for i, p := range s.opts.Panels {
		root := "/panel/" + strconv.Itoa(i)
		mux.Handle(root+"/", http.StripPrefix(root, p.Handler))
	}
	if files, err := fs.Sub(pageFiles, "web"); err == nil {
		mux.Handle("/", http.FileServerFS(files))
	}
	return guarded(mux)
}

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopback(r.Host):
			http.Error(w, "This page answers only to a loopback address such as 127.0.0.1.", http.StatusForbidden)
			return
		case !sameOrigin(r):
			http.Error(w, "This page takes no requests from other origins.", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameOrigin says whether a request comes from the page itself or from no page at all. Browsers send Origin with every
// request that changes something.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host
}
