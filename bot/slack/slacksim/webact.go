package slacksim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// act is what the page asks to be done in somebody's name. What an element chose (selected_option and its like) is in raw.
type act struct {
	As, Type      string
	Channel, Text string
	TS, Name      string
	ThreadTS      string `json:"thread_ts"`
	BlockID       string `json:"block_id"`
	ActionID      string `json:"action_id"`
	ViewID        string `json:"view_id"`
	Query, ID     string
	Values        Values
	raw           obj
	answer        obj
}

func (s *Server) serveAct(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "This address takes JSON only.", http.StatusUnsupportedMediaType)
		return
	}
	a := &act{answer: obj{"ok": true}}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, a)
	}
	if err == nil {
		err = json.Unmarshal(body, &a.raw)
	}
	if err != nil {
		http.Error(w, "The request is not the JSON that was expected.", http.StatusBadRequest)
		return
	}
	if err := s.perform(r.Context(), a); err != nil {
		a.answer = obj{"ok": false, "error": strings.TrimPrefix(err.Error(), ErrCannot.Error()+": ")}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(a.answer)
}

func (s *Server) perform(ctx context.Context, a *act) error {
	p := s.Person(a.As)
	var seen Seen
	var err error
	switch a.Type {
	case "say":
		seen, err = p.typed(ctx, a)
	case "press":
		seen, err = p.pressed(ctx, a)
	case "submit":
		seen, err = p.Submit(ctx, a.ViewID, a.Values)
	case "close":
		seen, err = p.Close(ctx, a.ViewID)
	case "suggest":
		seen, err = p.Suggest(ctx, a.action(), a.Query)
		s.fillOffer(a)
	case "open_home":
		err = p.OpenHome(ctx)
	case "react":
		err = p.React(a.Channel, a.TS, a.Name)
	case "dismiss":
		p.Dismiss(a.ID)
	default:
		err = cannot("there is no action %q", a.Type)
	}
	if seen.Warning != "" { // the page shows it as a warning of its own
		a.answer["warning"] = seen.Warning
	}
	return err
}

// typed sends what was written into the composer: a command where it starts with a slash.
func (p Person) typed(ctx context.Context, a *act) (Seen, error) {
	if !strings.HasPrefix(a.Text, "/") {
		_, err := p.Reply(a.Channel, a.ThreadTS, a.Text)
		return Seen{}, err
	}
	if a.ThreadTS != "" {
		return Seen{}, cannot("a command cannot be used inside a thread; use it in the channel")
	}
	name, text, _ := strings.Cut(a.Text, " ")
	return p.Slash(ctx, a.Channel, name, strings.TrimSpace(text))
}

func (a *act) action() Action {
	return Action{Channel: a.Channel, TS: a.TS, ViewID: a.ViewID, BlockID: a.BlockID, ActionID: a.ActionID, Confirmed: true}
}

// pressed sends an action with what its element chose. The page has asked the confirm dialog's question already.
func (p Person) pressed(ctx context.Context, a *act) (Seen, error) {
	if a.ViewID != "" && a.Values != nil {
		if err := p.keep(a.ViewID, a.Values); err != nil {
			return Seen{}, err
		}
	}
	do := a.action()
	chosen := obj{}
	for k, v := range a.raw {
		if k == "value" || k == "files" || k == "rich_text_value" || strings.HasPrefix(k, "selected_") {
			chosen[k] = v
		}
	}
	if len(chosen) > 0 {
		do.Value = chosen
	}
	return p.Act(ctx, do)
}

// keep records what has been filled in so far.
func (p Person) keep(viewID string, values Values) error {
	_, err := p.begin()
	defer p.s.mu.Unlock()
	if err != nil {
		return err
	}
	v := p.s.views[viewID]
	if v == nil || v.user != p.id {
		return cannot("the view is not open any more")
	}
	return p.s.fill(v, values)
}

// fillOffer hands the app's options to the page as they came, groups included, with rendered texts.
func (s *Server) fillOffer(a *act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.answer["options"] = []any{}
	o, err := s.Person(a.As).origin(a.action())
	if err != nil {
		return
	}
	offer := s.picks[pickKey(a.As, o, "offer "+a.BlockID, a.ActionID)]
	for _, key := range []string{"options", "option_groups"} {
		if list, isList := offer[key].([]any); isList {
			a.answer[key] = s.withHTML(slices.Clone(list))
		}
	}
}
