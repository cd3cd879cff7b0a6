package jitsudo.approval_test

import data.jitsudo.approval

clicked(action, on, now) := {
	"action": action,
	"request": {"role": "admin", "resource_scope": on, "break_glass": false},
	"context": {"now_ns": time.parse_rfc3339_ns(now)},
}

test_no_approval_during_the_sale if {
	approval.deny == {"Because of the sale nothing is changed on prod before 2026-12-01T00:00:00Z. Ask again after that. In an emergency, break the glass."} with input as clicked("approve", "prod", "2026-11-25T12:00:00Z")
}

test_nor_for_the_whole_cluster if {
	count(approval.deny) == 1 with input as clicked("approve", "*", "2026-11-25T12:00:00Z")
}

test_before_it_all_is_well if {
	count(approval.deny) == 0 with input as clicked("approve", "prod", "2026-11-22T23:59:59Z")
}

test_denying_and_ending_are_possible if {
	every action in ["deny", "revoke"] {
		count(approval.deny) == 0 with input as clicked(action, "prod", "2026-11-25T12:00:00Z")
	}
}

test_emergencies_are_possible if {
	asked := object.union(clicked("approve", "prod", "2026-11-25T12:00:00Z"), {"request": {"break_glass": true}})
	count(approval.deny) == 0 with input as asked
}
