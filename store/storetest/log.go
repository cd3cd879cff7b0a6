package storetest

import (
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// U1: every entry is there, in order, with what it says.
var logCases = []kase{
	{"an empty log has the zero head", func(t *testing.T, s engine.Store) {
		same(t, headOf(t, s), engine.Head{Hash: engine.ZeroHash})
		same(t, s.Append(t.Context()), nil)
		same(t, len(verify(t, s)), 0)
	}},
	{"U1 entries count up by one and every field comes back", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r, event(r, engine.EvCreated), event(r, engine.EvAutoApproved))
		update(t, s, r.ID, func(r *engine.Request) ([]engine.Event, error) {
			return []engine.Event{event(*r, engine.EvIntended)}, nil
		})
		own := engine.Event{At: noon.Add(time.Hour), Actor: engine.System, Action: engine.EvConfigLoaded, Outcome: engine.Failure}
		wantErr(t, s.Append(t.Context(), own, own), nil)
		log := verify(t, s)
		same(t, ids(log), []uint64{1, 2, 3, 4, 5})
		want := event(r, engine.EvCreated)
		want.ID, want.PrevHash, want.Hash = 1, log[0].PrevHash, log[0].Hash
		same(t, log[0], want)
		same(t, log[0].Requester, r.Requester)
		if log[4].Details == nil || len(log[4].Details) != 0 || log[4].Requester != "" {
			t.Fatalf("entry 5: %+v", log[4])
		}
	}},
	{"time never runs backwards in the log", func(t *testing.T, s engine.Store) {
		for _, d := range []time.Duration{time.Hour, 0, -time.Hour, 2 * time.Hour, time.Minute} {
			wantErr(t, s.Append(t.Context(), engine.Event{At: noon.Add(d), Actor: "a", Action: "x"}), nil)
		}
		log := verify(t, s)
		for i, want := range []time.Duration{time.Hour, time.Hour, time.Hour, 2 * time.Hour, 2 * time.Hour} {
			if !log[i].At.Equal(noon.Add(want)) {
				t.Fatalf("entry %d at %v, want %v", i+1, log[i].At, noon.Add(want))
			}
		}
	}},
	{"times are kept in UTC", func(t *testing.T, s engine.Store) {
		at := noon.In(time.FixedZone("X", 3600))
		wantErr(t, s.Append(t.Context(), engine.Event{At: at, Actor: "a", Action: "x"}), nil)
		log := verify(t, s)
		if log[0].At.Location() != time.UTC || !log[0].At.Equal(noon) {
			t.Fatalf("at %v", log[0].At)
		}
	}},
	{"odd text verifies", func(t *testing.T, s engine.Store) {
		for _, text := range []string{"\x00\x1f\"\\\u2028", "\xff\xfe", "\U0001F525<>&", "ﬀ"} {
			e := engine.Event{At: noon, Actor: text, Action: text, Scope: text,
				Details: map[string]any{text + "k": text, "small": 1.5e-7, "n": 9007199254740991, "nested": map[string]any{"a": []any{nil, 1}}}}
			wantErr(t, s.Append(t.Context(), e), nil)
		}
		same(t, len(verify(t, s)), 4)
	}},
	{"U2 a bad entry keeps the good one before it out", func(t *testing.T, s engine.Store) {
		good := engine.Event{At: noon, Actor: "a", Action: "x"}
		bad := good
		bad.Details = map[string]any{"f": func() {}}
		if err := s.Append(t.Context(), good, bad); err == nil {
			t.Fatal("no error")
		}
		same(t, headOf(t, s).ID, 0)
		wantErr(t, s.Append(t.Context(), good), nil)
		same(t, len(verify(t, s)), 1)
	}},
}
