package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

const problemType = "application/problem+json"

// kinds says what each kind of error is on the wire. The first that fits counts.
var kinds = []struct {
	kind   error
	code   string
	status int
}{
	{wire.ErrUnauthenticated, "unauthenticated", http.StatusUnauthorized},
	{engine.ErrInvalid, "invalid", http.StatusBadRequest},
	{engine.ErrForbidden, "forbidden", http.StatusForbidden},
	{engine.ErrNotFound, "not_found", http.StatusNotFound},
	{engine.ErrConflict, "conflict", http.StatusConflict},
	{engine.ErrLimited, "rate_limited", http.StatusTooManyRequests},
	{engine.ErrUnavailable, "unavailable", http.StatusServiceUnavailable},
}

// problemOf writes an error as a problem document. What was not meant for
// people stays inside.
func problemOf(err error) wire.Problem {
	p := wire.Problem{Type: "about:blank", Code: "internal", Status: http.StatusInternalServerError, Detail: engine.Explain(err)}
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			p.Code, p.Status = k.code, k.status
			break
		}
	}
	var r *engine.Refusal
	if errors.As(err, &r) {
		p.Detail, p.Hint, p.Field = r.Say, r.Hint, wire.Field(r.Field)
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// problem answers with an error, and logs what the caller is not told.
func (a *api) problem(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	var told *engine.Refusal
	if !errors.As(err, &told) && !errors.Is(err, errPanic) && r.Context().Err() == nil {
		a.Log.Error("call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="jitsudo"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, p.Status, problemType, p)
}

func writeJSON(w http.ResponseWriter, status int, kind string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, `{"code":"internal"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n')) // a caller who went away is no error of ours
}
