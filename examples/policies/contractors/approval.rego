# Contractors always need the consent of somebody of the team.
package jitsudo.approval

import data.jitsudo.lib.people

outside := {"contractors"}

hosts := {"sre", "sre-leads"}

about_contractor if people.in_any(input.requester, outside)

approver_tier := "human" if about_contractor

required_approvals := 1 if about_contractor

approver_groups := hosts if about_contractor

allow if {
	about_contractor
	input.action in {"approve", "deny", "revoke"}
	people.in_any(input.user, hosts)
}

deny contains "Contractors do not decide about access." if {
	input.action in {"approve", "deny"}
	people.in_any(input.user, outside)
}
