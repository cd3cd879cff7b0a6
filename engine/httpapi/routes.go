package httpapi

import (
	"net/http"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Parameters that several routes have.
var (
	pageSize  = param{"page_size", "integer", "Entries a page, at most 1000; 100 when absent."}
	pageToken = param{"page_token", "string", "From the page before."}
)

// table is the API: every route, and nothing that is not a route.
func (a *api) table() []route {
	const requests, one = wire.Base + "/requests", wire.Base + "/requests/{id}"
	return []route{
		{method: http.MethodPost, path: requests, summary: "Ask for access", body: wire.Draft{}, answer: wire.One{}, status: http.StatusCreated, do: a.submit},
		{method: http.MethodGet, path: requests, summary: "List requests, newest first", answer: wire.Requests{}, do: a.list, params: []param{
			{"mine", "boolean", "Only the caller's own."}, {"pending", "boolean", "Only what waits for a decision."},
			{"state", "string", "Only this state."}, {"requester_identity", "string", "Only this person's."}, {"provider", "string", "Only this provider's."}, pageSize, pageToken,
		}},
		{method: http.MethodGet, path: one, summary: "Read a request, or wait for it", answer: wire.One{}, do: a.get, params: []param{
			{"wait_for", "string", "decision or final: answer once it is there, or when the time is up."},
			{"timeout_seconds", "integer", "How long to wait, at most and by default 60."},
		}},
		{method: http.MethodPost, path: one + "/approve", summary: "Say yes", body: wire.Yes{}, answer: wire.One{}, do: a.approve},
		{method: http.MethodPost, path: one + "/deny", summary: "Say no", body: wire.Why{}, answer: wire.One{}, do: a.saying(a.Engine.Deny)},
		{method: http.MethodPost, path: one + "/cancel", summary: "Withdraw a request that waits", body: wire.Nothing{}, answer: wire.One{}, do: a.cancel},
		{method: http.MethodPost, path: one + "/revoke", summary: "End access early", body: wire.Why{}, answer: wire.One{}, do: a.saying(a.Engine.Revoke)},
		{method: http.MethodGet, path: one + "/credentials", summary: "Mint credentials for one's own live access", answer: wire.Granted{}, do: a.credentials},
		{method: http.MethodGet, path: wire.Base + "/audit", summary: "Read the audit log", answer: wire.Events{}, do: a.events, params: []param{
			{"actor_identity", "string", "Only what this person did."}, {"provider", "string", "Only this provider."},
			{"request_id", "string", "Only this request."}, {"action", "string", "Only this action."},
			{"since", "string", "At or after this time (RFC 3339)."}, {"until", "string", "Before this time (RFC 3339)."},
			{"order", "string", "desc, newest first (the default), or asc, oldest first."},
			{"after", "integer", "With order=asc: only entries with a greater ID."}, pageSize, pageToken,
		}},
		{method: http.MethodGet, path: wire.Base + "/whoami", summary: "The caller as the daemon sees them", answer: wire.Caller{}, do: a.whoami},
		{method: http.MethodGet, path: "/healthz", summary: "Is the daemon alive", open: true, answer: wire.Health{}, do: a.healthz},
		{method: http.MethodGet, path: "/readyz", summary: "Can the daemon do its work", open: true, answer: wire.Health{}, do: a.readyz},
		{method: http.MethodGet, path: "/version", summary: "Which daemon this is", open: true, answer: wire.Build{}, do: a.version},
		{method: http.MethodGet, path: "/openapi.json", summary: "This description", open: true, answer: map[string]any{}, do: a.openapi},
	}
}

func found(r engine.Request, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return wire.One{Request: wire.FromRequest(r)}, nil
}
