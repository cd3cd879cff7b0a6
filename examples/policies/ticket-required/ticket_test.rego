package jitsudo.eligibility_test

import data.jitsudo.eligibility

asking(action, role, ticket) := {
	"action": action,
	"request": {"role": role, "resource_scope": "prod", "ticket": ticket},
}

test_without_a_ticket_no_change if {
	eligibility.deny == {"Give the ticket that this belongs to, like OPS-123."} with input as asking("request", "editor", "")
	count(eligibility.deny) == 1 with input as asking("extend", "editor", "")
}

test_with_a_ticket_it_goes_through if {
	every ticket in ["OPS-1", "INC-4421", "CHG-1234567"] {
		count(eligibility.deny) == 0 with input as asking("request", "editor", ticket)
	}
}

test_what_is_no_ticket if {
	every ticket in ["later", "OPS-", "ops-1", "OPS-1 ", "XOPS-1", "OPS-12345678"] {
		count(eligibility.deny) == 1 with input as asking("request", "editor", ticket)
	}
}

test_looking_needs_none if count(eligibility.deny) == 0 with input as asking("request", "viewer", "")

test_emergencies_need_none if count(eligibility.deny) == 0 with input as asking("break_glass", "editor", "")

test_staging_needs_none if {
	asked := object.union(asking("request", "editor", ""), {"request": {"resource_scope": "staging"}})
	count(eligibility.deny) == 0 with input as asked
}

test_the_whole_cluster_needs_one if {
	asked := object.union(asking("request", "editor", ""), {"request": {"resource_scope": "*"}})
	count(eligibility.deny) == 1 with input as asked
}
