package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Options are what the API is made of. Engine must be there.
type Options struct {
	Engine *engine.Engine
	// Tokens are what callers over TCP may show; none lets nobody in there.
	Tokens Tokens
	// Local says which principal a user of this machine is; nil lets nobody in
	// over the unix socket.
	Local func(uid uint32) (principal string, err error)
	// Hosts are the names besides the loopback ones under which the daemon may
	// be addressed over TCP. Any other is refused, so that a web page cannot
	// reach it through a name of its own.
	Hosts   []string
	Version string
	Ready   func() error     // what /readyz answers; nil is always ready
	Now     func() time.Time // nil means the system's clock; tokens end by it
	Log     *slog.Logger     // nil means none
}

type api struct {
	Options
	routes []route
	spec   object // the OpenAPI document
}

// New returns the API. Serve it with [Server], which sets the bounds of a call.
func New(o Options) (http.Handler, error) {
	if o.Engine == nil {
		return nil, errors.New("httpapi: an engine is needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &api{Options: o}
	a.routes = a.table()
	a.spec = a.describe()
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range a.routes {
		mux.Handle(r.method+" "+r.path, a.serve(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		mux.Handle(path, a.wrongMethod(allowed))
	}
	mux.Handle("/", http.HandlerFunc(a.noRoute))
	return a.guard(mux), nil
}

// A route is one row of the table.
type route struct {
	method, path string
	summary      string
	open         bool // nobody needs to say who they are
	params       []param
	body         any // a value of the body's type, nil for none
	answer       any // a value of the answer's type
	status       int // of success, 0 is 200
	do           func(*call) (any, error)
}

// A param is one parameter in the query.
type param struct{ name, kind, doc string }

// A call is one request to one route.
type call struct {
	http  *http.Request
	reply http.ResponseWriter
	who   engine.Actor
	raw   []byte // the body
}

func (c *call) ctx() context.Context { return c.http.Context() }
func (c *call) id() string           { return c.http.PathValue("id") }
func (c *call) key() string          { return c.http.Header.Get(wire.HeaderKey) }

// serve turns a row into a handler: who is it, is the call well formed, do it.
func (a *api) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := &call{http: req, reply: w}
		answer, err := a.answer(r, c)
		if err != nil {
			a.problem(w, req, err)
			return
		}
		writeJSON(w, max(r.status, http.StatusOK), "application/json", answer)
	})
}

func (a *api) answer(r route, c *call) (_ any, err error) {
	if !r.open {
		if c.who, err = a.identify(c.http); err != nil {
			return nil, err
		}
	}
	if err := checkQuery(c.http.URL.RawQuery, r.params); err != nil {
		return nil, err
	}
	if c.raw, err = readBody(c.reply, c.http, r.body != nil); err != nil {
		return nil, err
	}
	return r.do(c)
}

// guard does what holds for every call: nothing is cached, no web page of
// somebody else's gets through, and a panic ends one call, not the daemon.
func (a *api) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not an error chain
				a.Log.Error("panic in a call", "method", r.Method, "path", r.URL.Path, "panic", p)
				a.problem(w, r, errPanic)
			}
		}()
		if err := a.checkOrigin(r); err != nil {
			a.problem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var errPanic = errors.New("panic")

func (a *api) noRoute(w http.ResponseWriter, r *http.Request) {
	a.problem(w, r, engine.Refuse(engine.ErrNotFound, "There is nothing at %s.", engine.OneLine(r.URL.Path, 100)).WithHint("/openapi.json lists what there is."))
}

func (a *api) wrongMethod(allowed []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p := problemOf(engine.Refuse(engine.ErrInvalid, "%s is not possible there.", engine.OneLine(r.Method, 20)).WithHint("Use %s.", strings.Join(allowed, " or ")))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeJSON(w, p.Status, problemType, p)
	})
}
