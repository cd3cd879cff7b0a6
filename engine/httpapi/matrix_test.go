package httpapi_test

import (
	"encoding/json"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// matrix is who gets which answer, by route. A route without a row is a failure.
// The people: nobody (no token), stan (a stranger), alice (the requester), bob
// (an approver), carol (an admin), audrey (an auditor). bob's approval and denial
// come before others' of the same route only where each gets a fresh request.
const matrix = `
route                        nobody stan alice bob carol audrey
POST /requests                  401  201   201  201  201  201
GET /requests                   401  200   200  200  200  200
GET /requests/{id}              401  404   200  200  200  200
POST /requests/{id}/approve     401  403   403  200  403  403
POST /requests/{id}/deny        401  403   403  200  403  403
POST /requests/{id}/cancel      401  403   200  403  403  403
POST /requests/{id}/revoke      401  403   200  200  200  403
GET /requests/{id}/credentials  401  404   200  403  403  403
GET /audit                      401  200   200  200  200  200
GET /whoami                     401  200   200  200  200  200
GET /healthz                    200  200   200  200  200  200
GET /readyz                     200  200   200  200  200  200
GET /version                    200  200   200  200  200  200
GET /openapi.json               200  200   200  200  200  200
`

func TestA4_EveryRouteForEverybody(t *testing.T) {
	w := newWorld(t)
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	who := strings.Fields(lines[0])[1:]
	rows := map[string][]string{}
	for _, l := range lines[1:] {
		f := strings.Fields(l)
		rows[f[0]+" "+f[1]] = f[2:]
	}
	for _, r := range w.routes(t) {
		want, ok := rows[r]
		if !ok {
			t.Errorf("%s has no row in the matrix", r)
			continue
		}
		delete(rows, r)
		for i, person := range who {
			t.Run(r+" as "+person, func(t *testing.T) {
				if got := w.status(t, r, person); got != want[i] {
					t.Errorf("status %s, want %s", got, want[i])
				}
			})
		}
	}
	for r := range rows {
		t.Errorf("the matrix has %s, which is no route", r)
	}
}

// routes reads the route table off the API's own description.
func (w *world) routes(t *testing.T) []string {
	t.Helper()
	_, body := w.ask(t, "", "GET", "/openapi.json", "")
	var spec struct {
		Paths map[string]map[string]any
	}
	must(t, json.Unmarshal([]byte(body), &spec))
	var all []string
	for path, methods := range spec.Paths {
		for m := range methods {
			all = append(all, strings.ToUpper(m)+" "+strings.TrimPrefix(path, base))
		}
	}
	sort.Strings(all)
	return all
}

func (w *world) status(t *testing.T, route, who string) string {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	body := map[string]string{"POST /requests": draft("editor"), "POST /requests/{id}/deny": `{"reason":"no"}`, "POST /requests/{id}/revoke": `{"reason":"no"}`}[route]
	if strings.Contains(path, "{id}") {
		id := ""
		if strings.HasSuffix(path, "/revoke") || strings.HasSuffix(path, "/credentials") {
			id = w.active(t)
		} else {
			id = w.submit(t, "editor")
			defer w.ask(t, "alice", "POST", base+"/requests/"+id+"/cancel", "")
		}
		path = strings.Replace(path, "{id}", id, 1)
	}
	if strings.HasPrefix(path, "/requests") || path == "/audit" || path == "/whoami" {
		path = base + path
	}
	resp, _ := w.ask(t, who, method, path, body)
	if resp.StatusCode >= 400 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("an error of type %s", resp.Header.Get("Content-Type"))
	}
	return strconv.Itoa(resp.StatusCode)
}

func TestT3_SocketKnowsTheCallerByUID(t *testing.T) {
	w := newWorld(t)
	req, err := newRequest(t, "GET", "http://x"+base+"/whoami", "")
	must(t, err)
	req.Header.Set("X-Jitsudo-Via", "slack")              // no surface but a chat may say so
	req.Header.Set("X-Forwarded-User", "bob@example.com") // nobody may say so
	resp, body := answer(t, w.onSocket(), req)
	if resp.StatusCode != 200 || field(t, body, "identity") != "carol@example.com" || field(t, body, "via") != "api" ||
		field(t, body, "account", "subject") != strconv.Itoa(os.Getuid()) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
