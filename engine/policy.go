package engine

import (
	"context"
	"time"
)

// Action is what somebody wants to do, as policy is asked about it.
type Action string

// The actions.
const (
	ActRequest    Action = "request"
	ActBreakGlass Action = "break_glass"
	ActApprove    Action = "approve"
	ActDeny       Action = "deny"
	ActExtend     Action = "extend"
	ActRevoke     Action = "revoke"
)

// Question is what policy decides on.
type Question struct {
	Action    Action
	User      Actor     // who acts now
	Requester Principal // as of now
	Request   Request   // its ID is empty while it is being submitted
	Now       time.Time
}

// Decision is policy's answer. The zero Decision refuses.
type Decision struct {
	Allowed bool
	Reasons []string // sentences for people, why it was refused
	Terms   Terms    // meaningful for request and break_glass
	// MaxDuration is the longest that policy allows, 0 for no limit of its own.
	MaxDuration time.Duration
	// PendingFor is how long the request may wait for a decision, 0 for the default.
	PendingFor time.Duration
	Revision   string // digest of the policies that decided
	InputHash  string // hex SHA-256 of the canonical input document
}

// Policy is the port to the rules that people chose.
//
// Decide answers one question; an error means refused, whatever the Decision.
// Implementations must be safe for concurrent use, must not call the engine,
// and must answer within a bounded time.
type Policy interface {
	Decide(ctx context.Context, q Question) (Decision, error)
	// Revision is the digest of the policies in force, "" when there are none.
	Revision() string
}
