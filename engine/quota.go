package engine

import (
	"context"
	"slices"
	"time"
)

// checkQuota bounds how much one person can ask for. Break-glass is never
// held up by requests that wait.
func (e *Engine) checkQuota(ctx context.Context, by Actor, d Draft) error {
	if most := e.limits.PendingPerPerson; most > 0 && !d.BreakGlass {
		p, err := e.store.List(ctx, Filter{Requester: by.ID, State: Pending, PageSize: most})
		if err != nil {
			return err
		}
		if len(p.Requests) >= most {
			return Refuse(ErrLimited, "You have %d requests waiting already, and that is the most.", len(p.Requests)).WithHint("Cancel one, or wait for a decision.")
		}
	}
	most := e.limits.RatePerPerson
	if most <= 0 {
		return nil
	}
	p, err := e.store.List(ctx, Filter{Requester: by.ID, PageSize: most})
	if err != nil {
		return err
	}
	hourAgo := e.clock.Now().Add(-time.Hour)
	if len(p.Requests) >= most && p.Requests[most-1].CreatedAt.After(hourAgo) {
		return Refuse(ErrLimited, "You have made %d requests within the last hour, and that is the most.", most).WithHint("Wait a little.")
	}
	return nil
}

// actCreate names the making of a request among the idempotency keys.
const actCreate Action = "create"

// remembered is how long a request is found again by its key when its maker has
// used up a quota; who tries the same again does so soon.
const remembered = day

// madeBefore returns the request that was made by this very call before.
func (e *Engine) madeBefore(ctx context.Context, by Actor, key string) (Request, error) {
	since := e.clock.Now().Add(-remembered)
	for f := (Filter{Requester: by.ID, PageSize: MaxPage}); key != ""; {
		p, err := e.store.List(ctx, f)
		if err != nil {
			return Request{}, err
		}
		i := slices.IndexFunc(p.Requests, func(r Request) bool { return r.honoured(by, actCreate, key) || r.CreatedAt.Before(since) })
		if i >= 0 && p.Requests[i].honoured(by, actCreate, key) {
			return p.Requests[i], nil
		}
		if f.PageToken = p.Next; i >= 0 || p.Next == "" {
			break
		}
	}
	return Request{}, ErrNotFound
}
