package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What the API answers is what its description promises, errors included.
func TestAnswersFitTheDescription(t *testing.T) {
	w := newWorld(t)
	_, body := w.ask(t, "", "GET", "/openapi.json", "")
	spec, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	must(t, compiler.AddResource("http://x/openapi.json", spec))
	id := w.active(t)
	pending := w.submit(t, "editor")
	for _, c := range []struct{ who, method, path, schema, body string }{
		{"alice", "POST", "/requests", "One", draft("editor")},
		{"alice", "GET", "/requests?page_size=1", "Requests", ""},
		{"alice", "GET", "/requests/" + id, "One", ""},
		{"bob", "POST", "/requests/" + pending + "/approve", "One", `{"comment":"fine","duration_seconds":60}`},
		{"alice", "GET", "/requests/" + id + "/credentials", "Granted", ""},
		{"alice", "POST", "/requests/" + id + "/revoke", "One", ""},
		{"carol", "GET", "/audit", "Events", ""},
		{"carol", "GET", "/whoami", "Caller", ""},
		{"alice", "GET", "/requests/req_NONE", "Problem", ""},
		{"", "GET", "/whoami", "Problem", ""},
		{"alice", "POST", "/requests", "Problem", `{"resaon":1}`},
	} {
		t.Run(c.method+" "+strings.Split(c.path, "?")[0]+" is "+c.schema, func(t *testing.T) {
			schema, err := compiler.Compile("http://x/openapi.json#/components/schemas/" + c.schema)
			must(t, err)
			_, body := w.ask(t, c.who, c.method, base+c.path, c.body)
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			must(t, err)
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s\n%v", body, err)
			}
		})
	}
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	w := newWorld(t)
	resp, body := w.ask(t, "", "GET", "/openapi.json", "")
	var spec struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Responses   map[string]any
			Parameters  []struct{ Name, In string }
		}
	}
	must(t, json.Unmarshal([]byte(body), &spec))
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(spec.OpenAPI, "3.1.") {
		t.Fatalf("%d openapi %q", resp.StatusCode, spec.OpenAPI)
	}
	seen := map[string]string{}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			if other := seen[op.OperationID]; other != "" || op.OperationID == "" {
				t.Errorf("%s %s and %s have the same operationId %q", method, path, other, op.OperationID)
			}
			seen[op.OperationID] = method + " " + path
			if op.Responses["default"] == nil || len(op.Responses) < 2 {
				t.Errorf("%s %s lacks an answer or a problem", method, path)
			}
			for _, p := range op.Parameters {
				if p.In == "path" && !strings.Contains(path, "{"+p.Name+"}") {
					t.Errorf("%s %s has no place for %s", method, path, p.Name)
				}
			}
		}
	}
}
