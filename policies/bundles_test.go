package policies

import (
	"testing"
)

func TestX(t *testing.T) {
	for _, f := range []string{"default", "demo"} {
		s, err := Load(bundle(f))
		if err != nil {
			t.Error(err)
			continue
		}
		r, err := s.Test(t.Context())
		t.Log(r, err, s.Warnings())
		if e, err := Fixed(bundle(f), Options{}); err != nil {
			t.Error(err)
		} else {
			t.Log(e.Files(), e.Revision())
		}
	}
}
