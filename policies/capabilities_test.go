package policies

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// TestP5_BuiltinsOutsideTheListAreRefused tries every built-in of OPA that is
// not in the list, called and put in the place of another.
func TestP5_BuiltinsOutsideTheListAreRefused(t *testing.T) {
	allowed := strings.Fields(allowedBuiltins)
	tried := 0
	for _, b := range ast.CapabilitiesForThisVersion().Builtins {
		if slices.Contains(allowed, b.Name) {
			continue
		}
		tried++
		t.Run(b.Name, func(t *testing.T) {
			for how, body := range map[string]string{
				"called":   "allow if {\n\tx := " + call(b) + "\n\tx != 7\n}",
				"in place": "allow if is_object(input) with is_object as " + b.Name,
			} {
				if _, err := Load(files("a.rego", eligible(body))); err == nil {
					t.Errorf("%s: compiles:\n%s", how, body)
				} else if !strings.Contains(err.Error(), "a.rego:") {
					t.Errorf("%s: error %v does not say where", how, err)
				}
			}
		})
	}
	if tried < 43 {
		t.Errorf("only %d built-ins are refused", tried)
	}
}

// call writes a call whose arguments would fit if the built-in were there.
func call(b *ast.Builtin) string {
	var args []string
	for _, a := range b.Decl.NamedFuncArgs().Args {
		args = append(args, sample(a))
	}
	return fmt.Sprintf("%s(%s)", b.Name, strings.Join(args, ", "))
}

func sample(t types.Type) string {
	switch t := t.(type) {
	case *types.NamedType:
		return sample(t.Type)
	case types.String:
		return `"x"`
	case types.Number:
		return "1"
	case types.Boolean:
		return "true"
	case *types.Set:
		return "{1}"
	case *types.Array:
		return "[]"
	}
	return "input.request.metadata"
}

// TestP5_TheControlCompiles shows that the test above fails for the right reason.
func TestP5_TheControlCompiles(t *testing.T) {
	for _, body := range []string{
		"allow if {\n\tx := " + `count("x")` + "\n\tx != 7\n}",
		"allow if is_object(input) with is_object as is_string",
	} {
		if _, err := Load(files("a.rego", eligible(body))); err != nil {
			t.Error(err)
		}
	}
}

func TestP5_TheNamedOnesAreNotThere(t *testing.T) {
	c := capabilities()
	for _, b := range c.Builtins {
		for _, family := range []string{"http.", "net.", "opa.", "rand.", "uuid.", "providers."} {
			if strings.HasPrefix(b.Name, family) {
				t.Errorf("%s is there", b.Name)
			}
		}
		if b.Nondeterministic || slices.Contains([]string{"time.now_ns", "trace", "print", "internal.print", "json.match_schema", "json.verify_schema"}, b.Name) {
			t.Errorf("%s is there", b.Name)
		}
	}
	if c.AllowNet == nil || len(c.AllowNet) != 0 {
		t.Errorf("hosts: %v", c.AllowNet)
	}
	for _, name := range strings.Fields(allowedBuiltins) {
		if !c.ContainsBuiltin(name) {
			t.Errorf("%s is in the list, but OPA does not have it", name)
		}
	}
}
