package slack_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/bot/slack"
)

//go:embed testdata/manifest.schema.json
var manifestSchema []byte

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(manifestSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("manifest.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// TestManifest_Valid by the limits that Slack publishes for each field.
func TestManifest_Valid(t *testing.T) {
	s := schemaOf(t)
	raw, err := slack.Manifest().JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(decode(t, raw)); err != nil {
		t.Errorf("the manifest is not valid: %v", err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"name of 36 characters": func(m map[string]any) {
			m["display_information"].(map[string]any)["name"] = "123456789012345678901234567890123456"
		},
		"short long description": func(m map[string]any) { m["display_information"].(map[string]any)["long_description"] = "short" },
		"unknown key":            func(m map[string]any) { m["settings"].(map[string]any)["request_url"] = "x" },
	} {
		m := decode(t, raw)
		spoil(m)
		if s.Validate(m) == nil {
			t.Errorf("the schema takes a %s", name)
		}
	}
}

// TestManifest_YAML says the same as the JSON.
func TestManifest_YAML(t *testing.T) {
	asYAML, err := slack.Manifest().YAML()
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := yaml.Unmarshal(asYAML, &m); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := slack.Manifest().JSON()
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(decode(t, raw))
	got, _ := json.Marshal(decode(t, again))
	if !bytes.Equal(got, want) {
		t.Errorf("YAML says\n%s\nJSON says\n%s", got, want)
	}
}

// TestManifest_Suffices: with exactly the scopes of the manifest everything works.
func TestManifest_Suffices(t *testing.T) {
	r := newRig(t, func(s *setup) { s.sim.App.Scopes = slack.Scopes() })
	if err := r.client.Check(r.ctx()); err != nil {
		t.Error(err)
	}
	q := r.ask("request sandbox editor prod 20m please")
	r.wantText("the answer", r.press(bob, r.callOf(q), "approve"), "You approved")
	r.sweep()
	r.home(alice)
	if !slices.ContainsFunc(r.dms(alice), func(s string) bool { return s != "" }) {
		t.Error("alice was not told")
	}
	for _, e := range r.sim.Traffic() {
		if answer, _ := e.Response.(map[string]any); e.Kind == "api" && answer["ok"] == false {
			t.Errorf("%s was refused: %v", e.Name, answer)
		}
	}
}
