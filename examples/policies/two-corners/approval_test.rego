package jitsudo.approval_test

import data.jitsudo.approval

lead := {"email": "bob@example.com", "groups": ["sre-leads"]}

other_lead := {"email": "ben@example.com", "groups": ["dev-leads"]}

guard := {"email": "carol@example.com", "groups": ["security"]}

stranger := {"email": "x@example.com", "groups": ["sales"]}

clicked(who, action, approvals) := {
	"action": action,
	"user": who,
	"request": {"resource_scope": "prod"},
	"approvals": approvals,
}

test_two_are_needed_and_both_corners_called if {
	asked := clicked(stranger, "request", [])
	approval.approver_tier == "human" with input as asked
	approval.required_approvals == 2 with input as asked
	approval.approver_groups == {"sre-leads", "dev-leads", "security"} with input as asked
}

test_either_corner_may_begin if {
	approval.allow with input as clicked(lead, "approve", [])
	approval.allow with input as clicked(guard, "approve", [])
}

test_the_other_corner_completes if {
	approval.allow with input as clicked(guard, "approve", [lead])
	count(approval.deny) == 0 with input as clicked(guard, "approve", [lead])
	approval.allow with input as clicked(lead, "approve", [guard])
}

test_the_same_corner_does_not_count_twice if {
	asked := clicked(other_lead, "approve", [lead])
	not approval.allow with input as asked
	approval.deny == {"Your corner has agreed already. The other one has to agree as well."} with input as asked
}

test_who_is_in_both_corners_needs_another if {
	both := {"email": "max@example.com", "groups": ["sre-leads", "security"]}
	approval.allow with input as clicked(both, "approve", [])
	approval.allow with input as clicked(lead, "approve", [both])
	approval.allow with input as clicked(guard, "approve", [both])
	not approval.allow with input as clicked(stranger, "approve", [both])
}

test_either_corner_may_deny_and_end if {
	every who in [lead, guard] {
		approval.allow with input as clicked(who, "deny", [lead])
		approval.allow with input as clicked(who, "revoke", [lead, guard])
	}
}

test_strangers_decide_nothing if {
	every action in ["approve", "deny", "revoke"] {
		not approval.allow with input as clicked(stranger, action, [])
	}
	approval.deny == {"Production is decided by leads and by security."} with input as clicked(stranger, "approve", [])
	approval.reason == "Production is decided by leads and by security." with input as clicked(stranger, "revoke", [])
	count(approval.deny) == 0 with input as clicked(stranger, "revoke", [])
}

test_silent_about_other_scopes if {
	asked := object.union(clicked(lead, "approve", []), {"request": {"resource_scope": "staging"}})
	not approval.allow with input as asked
	not approval.required_approvals with input as asked
	count(approval.approver_groups) == 0 with input as asked
	count(approval.deny) == 0 with input as asked
}

test_the_whole_cluster_is_production if {
	asked := object.union(clicked(other_lead, "approve", [lead]), {"request": {"resource_scope": "*"}})
	approval.required_approvals == 2 with input as asked
	count(approval.deny) == 1 with input as asked
}
