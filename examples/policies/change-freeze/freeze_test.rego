package jitsudo.eligibility_test

import data.jitsudo.eligibility

asking(action, role, on, now) := {
	"action": action,
	"request": {"role": role, "resource_scope": on},
	"context": {"now_ns": time.parse_rfc3339_ns(now)},
}

test_no_changes_during_the_sale if {
	eligibility.deny == {"Because of the sale nothing is changed on prod-eu before 2026-12-01T00:00:00Z. In an emergency, break the glass."} with input as asking("request", "admin", "prod-eu", "2026-11-25T12:00:00Z")
}

test_nothing_is_prolonged_either if {
	count(eligibility.deny) == 1 with input as asking("extend", "admin", "prod", "2026-12-24T12:00:00Z")
}

test_the_first_moment_counts if {
	count(eligibility.deny) == 1 with input as asking("request", "admin", "prod", "2026-11-23T00:00:00Z")
}

test_the_last_does_not if {
	count(eligibility.deny) == 0 with input as asking("request", "admin", "prod", "2026-12-01T00:00:00Z")
}

test_before_it_all_is_well if {
	count(eligibility.deny) == 0 with input as asking("request", "admin", "prod", "2026-11-22T23:59:59Z")
}

test_looking_is_possible if {
	count(eligibility.deny) == 0 with input as asking("request", "viewer", "prod", "2026-11-25T12:00:00Z")
}

test_staging_is_not_frozen if {
	count(eligibility.deny) == 0 with input as asking("request", "admin", "staging", "2026-11-25T12:00:00Z")
}

test_emergencies_are_possible if {
	count(eligibility.deny) == 0 with input as asking("break_glass", "admin", "prod", "2026-11-25T12:00:00Z")
}
