package policies

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowedBuiltins is everything that a policy may call. It is a list of what is
// in, not of what is out, so that a new version of OPA adds nothing by itself.
//
// Left out are the functions that reach outside (http.send, net.*, opa.runtime,
// schemas by URL), that answer differently from call to call (rand.*, uuid.*,
// time.now_ns, certificates and tokens checked against the clock), that write
// (print, trace), that are deprecated, that parse Rego, and bits.lsh, whose
// result has no bound.
const allowedBuiltins = `
	eq equal neq lt lte gt gte assign internal.member_2 internal.member_3 internal.template_string
	abs ceil div floor minus mul plus rem round max min product sum count sort numbers.range numbers.range_step
	and or intersection union to_number format_int units.parse units.parse_bytes
	is_array is_boolean is_null is_number is_object is_set is_string type_name
	array.concat array.flatten array.reverse array.slice
	bits.and bits.negate bits.or bits.rsh bits.xor
	concat contains endswith indexof indexof_n lower replace split sprintf startswith substring
	trim trim_left trim_prefix trim_right trim_space trim_suffix upper
	strings.any_prefix_match strings.any_suffix_match strings.count strings.replace_n strings.reverse strings.split_n
	base64.decode base64.encode base64.is_valid base64url.decode base64url.encode base64url.encode_no_pad hex.decode hex.encode
	crypto.hmac.equal crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 crypto.md5 crypto.sha1 crypto.sha256
	glob.match glob.quote_meta graph.reachable graph.reachable_paths walk
	io.jwt.decode io.jwt.verify_eddsa io.jwt.verify_es256 io.jwt.verify_es384 io.jwt.verify_es512
	io.jwt.verify_hs256 io.jwt.verify_hs384 io.jwt.verify_hs512 io.jwt.verify_ps256 io.jwt.verify_ps384 io.jwt.verify_ps512
	io.jwt.verify_rs256 io.jwt.verify_rs384 io.jwt.verify_rs512
	json.filter json.is_valid json.marshal json.marshal_with_options json.patch json.remove json.unmarshal
	object.filter object.get object.keys object.remove object.subset object.union object.union_n
	regex.find_all_string_submatch_n regex.find_n regex.globs_match regex.is_valid regex.match regex.replace regex.split regex.template_match
	rego.metadata.chain rego.metadata.rule
	semver.compare semver.is_valid
	time.add_date time.clock time.date time.diff time.format time.parse_duration_ns time.parse_ns time.parse_rfc3339_ns time.weekday
	uri.is_valid uri.parse urlquery.decode urlquery.decode_object urlquery.encode urlquery.encode_object
	yaml.is_valid yaml.marshal yaml.unmarshal
`

// testBuiltins is what Rego tests may call besides: the runner itself puts it
// into tests that have cases.
const testBuiltins = "internal.test_case"

// capabilities returns what the compiler may know: the allowed built-ins and
// those named in extra, the language's features, and no host to connect to.
func capabilities(extra ...string) *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	allowed := append(strings.Fields(allowedBuiltins), extra...)
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic || b.IsDeprecated() || !slices.Contains(allowed, b.Name)
	})
	c.AllowNet = []string{}
	return c
}
