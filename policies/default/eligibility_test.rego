# The tests of eligibility.rego. Each rule that begins with test_ must hold.
# When you change the tables there, change what is expected here: that is how
# you notice what a change really does.
package jitsudo.eligibility_test

import data.jitsudo.eligibility

engineer := {"email": "eve@example.com", "groups": ["engineering"]}

sre := {"email": "alice@example.com", "groups": ["sre"]}

stranger := {"email": "dave@example.com", "groups": []}

asking(user, action, role, on) := {
	"action": action,
	"user": user,
	"requester": user,
	"request": {"role": role, "resource_scope": on, "reason": "Looking into INC-4421"},
}

test_engineer_may_look_everywhere if {
	eligibility.allow with input as asking(engineer, "request", "view", "prod")
	eligibility.max_duration_seconds == 28800 with input as asking(engineer, "request", "view", "prod")
}

test_engineer_may_edit_staging if {
	eligibility.allow with input as asking(engineer, "request", "edit", "staging-eu")
	eligibility.max_duration_seconds == 14400 with input as asking(engineer, "request", "edit", "staging-eu")
}

test_engineer_may_not_edit_prod if {
	asked := asking(engineer, "request", "edit", "prod")
	not eligibility.allow with input as asked
	eligibility.reason == "The role edit on prod is for members of sre." with input as asked
}

test_sre_may_have_admin_for_an_hour if {
	eligibility.allow with input as asking(sre, "request", "cluster-admin", "*")
	eligibility.max_duration_seconds == 3600 with input as asking(sre, "request", "cluster-admin", "*")
}

test_most_generous_line_counts if {
	eligibility.max_duration_seconds == 14400 with input as asking(sre, "request", "edit", "staging")
}

test_extending_is_like_asking if {
	eligibility.allow with input as asking(engineer, "extend", "view", "prod")
	not eligibility.allow with input as asking(engineer, "extend", "admin", "prod")
}

test_strangers_get_nothing if {
	not eligibility.allow with input as asking(stranger, "request", "view", "prod")
	not eligibility.allow with input as asking(stranger, "break_glass", "admin", "prod")
}

test_role_that_is_not_in_the_catalog if {
	asked := asking(sre, "request", "emperor", "prod")
	not eligibility.allow with input as asked
	eligibility.reason == "The role emperor on prod is not in the catalog." with input as asked
}

test_sre_may_break_the_glass_for_half_an_hour if {
	eligibility.allow with input as asking(sre, "break_glass", "admin", "prod")
	eligibility.max_duration_seconds == 1800 with input as asking(sre, "break_glass", "admin", "prod")
}

test_engineer_may_not_break_the_glass if {
	asked := asking(engineer, "break_glass", "admin", "prod")
	not eligibility.allow with input as asked
	startswith(eligibility.reason, "Breaking the glass is for members of sre") with input as asked
}

test_glass_is_broken_for_few_roles_only if {
	not eligibility.allow with input as asking(sre, "break_glass", "view", "prod")
}

test_reason_that_says_nothing_is_refused if {
	asked := object.union(asking(sre, "request", "view", "prod"), {"request": {"reason": "because"}})
	count(eligibility.deny) == 1 with input as asked
}

test_reason_that_says_something_is_not_refused if {
	count(eligibility.deny) == 0 with input as asking(sre, "request", "view", "prod")
}
