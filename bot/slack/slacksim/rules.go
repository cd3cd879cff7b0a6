package slacksim

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed schema/blockkit.json
var blockKit []byte

// rules check the shape of blocks and views against the schema made from the published types.
type rules struct {
	blocks map[string]*jsonschema.Schema // by block type
	views  map[string]*jsonschema.Schema // modal and home
}

// problem is one thing that is wrong with blocks or a view.
type problem struct {
	pointer, text string
	rule          string // for blocks.validate: what kind of rule
	expected      any
}

func (p problem) String() string {
	return fmt.Sprintf("[ERROR] %s [json-pointer:%s]", p.text, p.pointer)
}

func messagesOf(ps []problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return out
}

func newRules() (*rules, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(blockKit))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	const name = "blockkit.json"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		return nil, fmt.Errorf("add schema: %w", err)
	}
	r := &rules{blocks: map[string]*jsonschema.Schema{}, views: map[string]*jsonschema.Schema{}}
	defs, err := blockDefinitions()
	if err != nil {
		return nil, err
	}
	for blockType, def := range defs {
		if r.blocks[blockType], err = c.Compile(name + "#/definitions/" + def); err != nil {
			return nil, fmt.Errorf("compile %s: %w", def, err)
		}
	}
	for viewType, def := range map[string]string{"modal": "Modal", "home": "Home"} {
		if r.views[viewType], err = c.Compile(name + "#/definitions/" + def); err != nil {
			return nil, fmt.Errorf("compile %s: %w", def, err)
		}
	}
	return r, nil
}

// definition is as much of a schema's definition as tells which type of block it describes.
type definition struct {
	Ref        string       `json:"$ref"`
	AnyOf      []definition `json:"anyOf"`
	Properties struct {
		Type struct {
			Const any `json:"const"`
		} `json:"type"`
	} `json:"properties"`
}

func (d definition) blockType() string {
	if t, isText := d.Properties.Type.Const.(string); isText {
		return t
	}
	for _, branch := range d.AnyOf { // all forms of one block
		return branch.blockType()
	}
	return ""
}

// blockDefinitions maps each block type to the definition that describes it.
func blockDefinitions() (map[string]string, error) {
	var doc struct {
		Definitions map[string]definition `json:"definitions"`
	}
	if err := json.Unmarshal(blockKit, &doc); err != nil {
		return nil, fmt.Errorf("read definitions: %w", err)
	}
	out := map[string]string{}
	for _, b := range doc.Definitions["KnownBlock"].AnyOf {
		name := strings.TrimPrefix(b.Ref, "#/definitions/")
		out[doc.Definitions[name].blockType()] = name
	}
	if len(out) < 10 || out[""] != "" {
		return nil, fmt.Errorf("schema lists %d blocks, or one without a type: %q", len(out), out[""])
	}
	return out, nil
}

// shape checks blocks one by one, so that an error names the place and not the union of everything. at is the pointer of
// the list.
func (r *rules) shape(blocks []any, at string) []problem {
	var out []problem
	for i, b := range blocks {
		here := at + "/" + strconv.Itoa(i)
		block, isObj := b.(obj)
		if !isObj {
			out = append(out, problem{pointer: here, text: "must be an object", rule: "type", expected: "object"})
			continue
		}
		kindOf, _ := block["type"].(string)
		schema := r.blocks[kindOf]
		if schema == nil {
			out = append(out, problem{pointer: here + "/type", text: fmt.Sprintf("unsupported type: %s", kindOf), rule: "type"})
			continue
		}
		out = append(out, schemaProblems(schema, block, here)...)
	}
	return out
}

// frame checks a view without its blocks.
func (r *rules) frame(view obj, at string) []problem {
	bare := obj{}
	for k, v := range view {
		bare[k] = v
	}
	if _, isList := view["blocks"].([]any); isList {
		bare["blocks"] = []any{}
	}
	kindOf, _ := view["type"].(string)
	return schemaProblems(r.views[kindOf], bare, at)
}

func schemaProblems(schema *jsonschema.Schema, v any, at string) []problem {
	err := schema.Validate(v)
	if err == nil {
		return nil
	}
	invalid, isInvalid := err.(*jsonschema.ValidationError)
	if !isInvalid {
		return []problem{{pointer: at, text: "cannot be checked: " + err.Error()}}
	}
	var out []problem
	for _, leaf := range leaves(invalid) {
		out = append(out, describe(leaf, at))
	}
	return out
}

// leaves are the errors that say something. Of the branches of a union, the one whose type fits speaks.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	if _, union := e.ErrorKind.(*kind.AnyOf); union {
		for _, branch := range e.Causes {
			if found := leaves(branch); !wrongType(found, len(e.InstanceLocation)) {
				return found
			}
		}
		return []*jsonschema.ValidationError{{InstanceLocation: append(e.InstanceLocation, "type"), ErrorKind: &kind.Enum{}}}
	}
	var out []*jsonschema.ValidationError
	for _, c := range e.Causes {
		out = append(out, leaves(c)...)
	}
	return out
}

// wrongType says whether a branch failed because the object is of another type, at the depth of the union.
func wrongType(found []*jsonschema.ValidationError, depth int) bool {
	for _, e := range found {
		at := e.InstanceLocation
		if len(at) != depth+1 || at[depth] != "type" {
			continue
		}
		switch e.ErrorKind.(type) {
		case *kind.Const, *kind.Enum:
			return true
		}
	}
	return false
}

func describe(e *jsonschema.ValidationError, at string) problem {
	p := problem{pointer: at}
	for _, part := range e.InstanceLocation {
		p.pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		p.rule, p.text = "required", "missing required field: "+strings.Join(k.Missing, ", ")
	case *kind.AdditionalProperties:
		p.rule, p.text = "additional", "no more fields allowed: "+strings.Join(k.Properties, ", ")
	case *kind.Type:
		p.rule, p.text, p.expected = "type", "must be a "+strings.Join(k.Want, " or "), strings.Join(k.Want, "|")
	case *kind.Const:
		p.rule, p.text, p.expected = "const", fmt.Sprintf("must be a valid value: %v", k.Want), k.Want
	case *kind.Enum:
		p.rule, p.text = "enum", "must be a valid enum value"
	default:
		p.rule, p.text = "schema", "is not valid here"
	}
	return p
}

func runes(s string) int { return utf8.RuneCountInString(s) }
