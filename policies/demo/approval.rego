# Who has to agree in the demonstration company: somebody of sre-leads or
# security, but for looking for up to half an hour nobody.
package jitsudo.approval

import data.jitsudo.lib.people

deciders := {"sre-leads", "security"}

admins := {"jitsudo-admins"}

at_once if {
	input.request.provider == "sandbox"
	input.request.role == "viewer"
	input.request.duration_seconds <= 1800
}

approver_tier := "auto" if at_once

approver_tier := "human" if not at_once

required_approvals := 1

approver_groups := deciders

default allow := false

allow if {
	input.action in {"approve", "deny", "revoke"}
	people.in_any(input.user, deciders)
}

# Admins may end an access, but not give one.
allow if {
	input.action == "revoke"
	people.in_any(input.user, admins)
}

reason := sprintf("Only members of sre-leads or security may %s this request.", [input.action])
