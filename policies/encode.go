package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// maxInput bounds the input document, in bytes of canonical JSON.
const maxInput = 64 << 10

// encode returns the document as OPA's value, and the hash of its canonical
// form. Nanoseconds are too large to be exact in canonical JSON, so now_ns is
// added after the hash is taken; it says the same as now.
func (d document) encode() (ast.Value, string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	canonical, err := engine.Canonical(raw)
	if err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	if len(canonical) > maxInput {
		return nil, "", engine.Refuse(engine.ErrInvalid, "The request is too large for the policies to look at (%d KiB, the limit is %d).", len(canonical)>>10, maxInput>>10).
			WithHint("Shorten the reason or the metadata.")
	}
	sum := sha256.Sum256(canonical)
	return d.value(), hex.EncodeToString(sum[:]), nil
}

// value writes the document as OPA's value without the detour over JSON: this
// is most of what a decision costs.
func (d document) value() ast.Value {
	o := []field{
		{"action", ast.String(d.Action)}, {"user", d.User.value()}, {"requester", d.Requester.value()},
		{"request", d.Request.value()}, {"context", d.Context.value()},
	}
	if d.Approver != nil {
		o = append(o, field{"approver", d.Approver.value()})
	}
	given := make([]*ast.Term, len(d.Approvals))
	for i, a := range d.Approvals {
		given[i] = ast.NewTerm(object(field{"email", ast.String(a.Email)}, field{"groups", array(a.Groups)}, field{"at", ast.String(a.At)}))
	}
	return object(append(o, field{"approvals", ast.NewArray(given...)})...)
}

func (p person) value() ast.Value {
	o := []field{{"email", ast.String(p.Email)}, {"groups", array(p.Groups)}, {"trust_tier", whole(int64(p.TrustTier))}}
	if p.Via != "" {
		o = append(o, field{"via", ast.String(p.Via)})
	}
	return object(o...)
}

func (a asked) value() ast.Value {
	metadata := make([]field, 0, len(a.Metadata))
	for k, v := range a.Metadata {
		metadata = append(metadata, field{k, ast.String(v)})
	}
	return object(
		field{"id", ast.String(a.ID)}, field{"provider", ast.String(a.Provider)}, field{"role", ast.String(a.Role)},
		field{"resource_scope", ast.String(a.Scope)}, field{"duration_seconds", whole(a.Seconds)}, field{"reason", ast.String(a.Reason)},
		field{"ticket", ast.String(a.Ticket)}, field{"break_glass", ast.Boolean(a.BreakGlass)}, field{"metadata", object(metadata...)},
	)
}

func (s surroundings) value() ast.Value {
	return object(
		field{"trust_tier", whole(int64(s.TrustTier))}, field{"now", ast.String(s.Now)}, field{"now_ns", whole(s.nowNS)},
		field{"weekday", ast.String(s.Weekday)}, field{"history", object()}, field{"oncall", object()},
	)
}

type field struct {
	name  string
	value ast.Value
}

func object(fields ...field) ast.Value {
	pairs := make([][2]*ast.Term, len(fields))
	for i, f := range fields {
		pairs[i] = [2]*ast.Term{ast.InternedTerm(f.name), ast.NewTerm(f.value)}
	}
	return ast.NewObject(pairs...)
}

func array(list []string) ast.Value {
	terms := make([]*ast.Term, len(list))
	for i, s := range list {
		terms[i] = ast.StringTerm(s)
	}
	return ast.NewArray(terms...)
}

func whole(n int64) ast.Value { return ast.Number(strconv.FormatInt(n, 10)) }
