package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

type object = map[string]any

// describe writes the table as an OpenAPI 3.1 document.
func (a *api) describe() object {
	s := schemas{}
	paths := map[string]object{}
	for _, r := range a.routes {
		if paths[r.path] == nil {
			paths[r.path] = object{}
		}
		paths[r.path][strings.ToLower(r.method)] = s.operation(r)
	}
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": "jitsudo", "version": a.Version, "description": "Ask for temporary access, decide on it, use it, and read what happened."},
		"paths":   paths,
		"components": object{
			"schemas":         s,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "On the unix socket no token is needed: the caller's uid counts."}},
		},
		"security": []object{{"token": []string{}}, {}},
	}
}

// schemas are the documents by name.
type schemas map[string]object

func (s schemas) operation(r route) object {
	op := object{
		"summary": r.summary, "operationId": operationID(r), "parameters": s.parameters(r),
		"responses": object{
			strconv.Itoa(max(r.status, http.StatusOK)): object{"description": "Done", "content": s.content("application/json", r.answer)},
			"default": object{"description": "A problem", "content": s.content(problemType, wire.Problem{})},
		},
	}
	if r.open {
		op["security"] = []object{{}}
	}
	if r.body != nil {
		op["requestBody"] = object{"content": s.content("application/json", r.body)}
	}
	return op
}

func operationID(r route) string {
	path := strings.NewReplacer(wire.Base, "", "{id}", "one", ".json", "").Replace(r.path)
	return strings.ToLower(r.method) + strings.ReplaceAll(path, "/", "_")
}

func (s schemas) parameters(r route) []object {
	all := []object{}
	if strings.Contains(r.path, "{id}") {
		all = append(all, object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, p := range r.params {
		all = append(all, object{"name": p.name, "in": "query", "description": p.doc, "schema": object{"type": p.kind}})
	}
	if r.method == http.MethodPost {
		all = append(all, object{"name": wire.HeaderKey, "in": "header", "description": "The same key again changes nothing.", "schema": object{"type": "string", "maxLength": 200}})
	}
	return all
}

func (s schemas) content(kind string, v any) object {
	return object{kind: object{"schema": s.of(reflect.TypeOf(v))}}
}

// of returns the schema of a type; structs are named and kept once.
func (s schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Struct:
		s.keep(t)
		return object{"$ref": "#/components/schemas/" + t.Name()}
	case reflect.Map:
		if t.Elem().Kind() == reflect.String {
			return object{"type": "object", "additionalProperties": object{"type": "string"}}
		}
		return object{"type": "object"}
	}
	return object{"type": "string"}
}

func (s schemas) keep(t reflect.Type) {
	if _, done := s[t.Name()]; done {
		return
	}
	properties, required := object{}, []string{}
	s[t.Name()] = object{"type": "object", "properties": properties, "additionalProperties": false}
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := s.of(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" {
			field["description"] = doc
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			field["enum"] = strings.Split(enum, ",")
		}
		properties[name] = field
		if !strings.Contains(rest, "omit") {
			required = append(required, name)
		}
	}
	s[t.Name()]["required"] = required
}
