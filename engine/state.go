package engine

// State is where a request is in its life.
type State string

// The states, as people and programs read them.
const (
	Pending  State = "PENDING"  // waits for people to decide
	Approved State = "APPROVED" // decided; the engine owes the provider a grant
	Active   State = "ACTIVE"   // the provider was read back: the access is there
	Expiring State = "EXPIRING" // the deadline has passed; the engine owes a removal
	Revoking State = "REVOKING" // ended early or failed; the engine owes a removal

	Rejected State = "REJECTED" // an approver or the policy said no
	Canceled State = "CANCELED" // withdrawn by the requester before a decision
	Lapsed   State = "LAPSED"   // nobody decided in time
	Expired  State = "EXPIRED"  // ended at its deadline, and read back as gone
	Revoked  State = "REVOKED"  // ended early, and read back as gone
	Failed   State = "FAILED"   // could not be given; read back as not there
)

// States lists every state, in the order of a request's life.
func States() []State {
	return []State{Pending, Approved, Active, Expiring, Revoking, Rejected, Canceled, Lapsed, Expired, Revoked, Failed}
}

// Final reports whether nothing can follow s.
func (s State) Final() bool {
	switch s {
	case Rejected, Canceled, Lapsed, Expired, Revoked, Failed:
		return true
	}
	return false
}

// Valid reports whether s is one of [States].
func (s State) Valid() bool {
	switch s {
	case Pending, Approved, Active, Expiring, Revoking:
		return true
	}
	return s.Final()
}

// Owed reports whether the engine owes a provider a call while in s.
func (s State) Owed() bool { return s == Approved || s == Expiring || s == Revoking }

// Live reports whether access may exist in a cloud while in s.
func (s State) Live() bool { return s.Owed() || s == Active }

// successors is the whole machine. Empty stands for "not created yet".
var successors = map[State][]State{
	"":       {Pending, Approved},
	Pending:  {Approved, Rejected, Canceled, Lapsed},
	Approved: {Active, Revoking},
	Active:   {Expiring, Revoking},
	Expiring: {Expired},
	Revoking: {Revoked, Failed},
}

// CanFollow reports whether the machine has an edge from s to next.
func (s State) CanFollow(next State) bool {
	for _, n := range successors[s] {
		if n == next {
			return true
		}
	}
	return false
}
