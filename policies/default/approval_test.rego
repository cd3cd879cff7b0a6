# The tests of approval.rego.
package jitsudo.approval_test

import data.jitsudo.approval

sre := {"email": "alice@example.com", "groups": ["sre"]}

lead := {"email": "bob@example.com", "groups": ["sre-leads"]}

admin := {"email": "carol@example.com", "groups": ["jitsudo-admins"]}

about(role, minutes) := {
	"action": "request",
	"user": sre,
	"requester": sre,
	"request": {"role": role, "resource_scope": "prod", "duration_seconds": minutes * 60},
}

clicked(user, action, role) := object.union(about(role, 60), {"action": action, "user": user})

test_looking_for_an_hour_needs_nobody if {
	approval.approver_tier == "auto" with input as about("view", 60)
}

test_looking_for_longer_needs_somebody if {
	approval.approver_tier == "human" with input as about("view", 61)
	approval.required_approvals == 1 with input as about("view", 61)
}

test_admin_needs_two_even_for_a_minute if {
	approval.approver_tier == "human" with input as about("cluster-admin", 1)
	approval.required_approvals == 2 with input as about("cluster-admin", 1)
	approval.approver_groups == {"sre-leads", "security"} with input as about("cluster-admin", 1)
}

test_other_roles_need_one if {
	approval.approver_tier == "human" with input as about("edit", 1)
	approval.required_approvals == 1 with input as about("edit", 1)
}

test_leads_decide if {
	approval.allow with input as clicked(lead, "approve", "edit")
	approval.allow with input as clicked(lead, "deny", "edit")
	approval.allow with input as clicked(lead, "revoke", "edit")
}

test_others_do_not_decide if {
	asked := clicked(sre, "approve", "edit")
	not approval.allow with input as asked
	approval.reason == "Only members of sre-leads or security may approve this request." with input as asked
}

test_asking_is_not_deciding if {
	not approval.allow with input as clicked(lead, "request", "edit")
}

test_guards_may_end_but_not_approve if {
	approval.allow with input as clicked(admin, "revoke", "edit")
	not approval.allow with input as clicked(admin, "approve", "edit")
}
