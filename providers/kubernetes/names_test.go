package kubernetes

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// FuzzPlan holds that a binding that is planned can only be what was asked for,
// in names that the API server takes as one segment of a path.
func FuzzPlan(f *testing.F) {
	f.Add("req_01J0ABCDEFGHJKMNPQRSTVWXYZ", "alice@example.com", "view", "prod")
	f.Add("req_01j0abcdefghjkmnpqrstvwxyz", "system:masters", "system:node", "*")
	f.Add("req_../../x", "Alice", "..", "kube-system/secrets")
	f.Add("req_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "a\x00b", "view%2f", "-")
	f.Fuzz(func(t *testing.T, id, who, role, scope string) {
		// The allow-list is taken out of the way: names alone must be safe.
		c := &Cluster{roles: []string{role}, now: func() time.Time { return time.Unix(0, 0) }}
		a := engine.Access{ID: id, Principal: who, Target: engine.Target{Role: role, Scope: scope}, Deadline: time.Unix(60, 0)}
		b, err := c.plan(a)
		if err != nil {
			var r *engine.Refusal
			if !errors.As(err, &r) || !errors.Is(err, engine.ErrInvalid) || len(r.Say) > 1000 || strings.ContainsAny(r.Say, "\n\r\x00") {
				t.Fatalf("refused with %q", err)
			}
			return
		}
		for _, segment := range []string{b.Name, b.role.Name} {
			if wrong := content.IsPathSegmentName(segment); len(wrong) > 0 {
				t.Fatalf("%q: %v", segment, wrong)
			}
		}
		if wrong := validation.IsDNS1123Label(b.Namespace); b.Namespace != "" && len(wrong) > 0 || (b.Namespace == "") != (scope == "*") {
			t.Fatalf("namespace %q for %q: %v", b.Namespace, scope, wrong)
		}
		if wrong := validation.IsDNS1123Subdomain(b.Name); len(wrong) > 0 {
			t.Fatalf("name %q: %v", b.Name, wrong)
		}
		for _, l := range b.Labels {
			if wrong := validation.IsValidLabelValue(l); len(wrong) > 0 {
				t.Fatalf("label %q: %v", l, wrong)
			}
		}
		if b.role.Name != role || strings.HasPrefix(strings.ToLower(role), "system:") || len(b.subjects) != 1 || b.subjects[0].Kind != "User" ||
			b.subjects[0].Name != who || strings.HasPrefix(who, "system:") || !owned(b, a) {
			t.Fatalf("%+v for %+v", b, a)
		}
	})
}

func FuzzNearest(f *testing.F) {
	f.Add("veiw", "view,edit,cluster-admin")
	f.Add("", ",,")
	f.Add("é\xff", "e,é")
	f.Fuzz(func(t *testing.T, typed, names string) {
		all := strings.Split(names, ",")
		if len(all) > 50 || len(names) > 2000 {
			return
		}
		found := nearest(typed, all)
		if len(found) > 3 || hint(typed, all) == "" {
			t.Fatalf("%d names: %v", len(found), found)
		}
		for _, n := range found {
			if !slices.Contains(all, n) {
				t.Fatalf("%q is none of %q", n, all)
			}
		}
		if slices.Contains(all, typed) && typed != "" && len(typed) < maxRole && strings.ToLower(typed) == typed && (len(found) == 0 || engine.Distance(typed, strings.ToLower(found[0])) > 0) {
			t.Fatalf("%q itself is not found in %q: %v", typed, all, found)
		}
	})
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"view", "view", 0}, {"veiw", "view", 2}, {"stagging", "staging", 1}, {"kitten", "sitting", 3}} {
		if got := engine.Distance(tc.a, tc.b); got != tc.want || engine.Distance(tc.b, tc.a) != tc.want {
			t.Errorf("%q and %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestLimits_OfTheClientAreRaised(t *testing.T) {
	c, err := New(Options{Config: &rest.Config{Host: "127.0.0.1:1"}, Roles: []string{"view"}})
	if err != nil {
		t.Fatal(err)
	}
	if qps := c.people.rbac.GetRateLimiter().QPS(); qps < callsPerSecond {
		t.Errorf("%v calls a second", qps)
	}
}
