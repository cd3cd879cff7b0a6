package jitsudo.approval_test

import data.jitsudo.approval

alice := {"email": "alice@example.com", "groups": ["sre"]}

bob := {"email": "bob@example.com", "groups": ["sre-leads"]}

carol := {"email": "carol@example.com", "groups": ["security", "jitsudo-admins"]}

admin := {"email": "root@example.com", "groups": ["jitsudo-admins"]}

about(user, action, role, seconds) := {
	"action": action,
	"user": user,
	"requester": alice,
	"request": {"provider": "sandbox", "role": role, "resource_scope": "prod", "duration_seconds": seconds},
}

test_half_an_hour_of_looking_needs_nobody if {
	approval.approver_tier == "auto" with input as about(alice, "request", "viewer", 1800)
}

test_longer_looking_needs_somebody if {
	approval.approver_tier == "human" with input as about(alice, "request", "viewer", 1801)
}

test_changing_needs_one_of_two_groups if {
	every role in ["editor", "admin"] {
		asked := about(alice, "request", role, 60)
		approval.approver_tier == "human" with input as asked
		approval.required_approvals == 1 with input as asked
		approval.approver_groups == {"sre-leads", "security"} with input as asked
	}
}

test_bob_and_carol_decide if {
	every user in [bob, carol] {
		every action in ["approve", "deny", "revoke"] {
			approval.allow with input as about(user, action, "editor", 60)
		}
	}
}

test_alice_does_not_decide if {
	asked := about(alice, "approve", "editor", 60)
	not approval.allow with input as asked
	approval.reason == "Only members of sre-leads or security may approve this request." with input as asked
}

test_admins_may_only_revoke if {
	approval.allow with input as about(admin, "revoke", "editor", 60)
	not approval.allow with input as about(admin, "approve", "editor", 60)
	not approval.allow with input as about(admin, "deny", "editor", 60)
}
