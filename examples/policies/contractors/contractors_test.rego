package jitsudo.eligibility_test

import data.jitsudo.eligibility

asking(groups, action, role, on) := {
	"action": action,
	"user": {"email": "x@example.com", "groups": groups},
	"request": {"role": role, "resource_scope": on},
}

test_staging_for_two_hours if {
	asked := asking(["contractors"], "request", "editor", "staging")
	eligibility.allow with input as asked
	eligibility.max_duration_seconds == 7200 with input as asked
	count(eligibility.deny) == 0 with input as asked
}

test_production_never if {
	asked := asking(["contractors", "sre"], "request", "viewer", "prod")
	not eligibility.allow with input as asked
	eligibility.deny == {"Contractors have no access to production."} with input as asked
}

test_other_roles_not_even_with_other_groups if {
	every action in ["request", "extend"] {
		asked := asking(["contractors", "sre"], action, "cluster-admin", "staging")
		not eligibility.allow with input as asked
		eligibility.deny == {"Contractors may have the roles edit, editor, view, viewer only."} with input as asked
	}
}

test_the_whole_cluster_never if {
	eligibility.deny == {"Contractors have no access to production."} with input as asking(["contractors"], "request", "view", "*")
}

test_no_breaking_of_glass if {
	asked := asking(["contractors"], "break_glass", "admin", "staging")
	not eligibility.allow with input as asked
	eligibility.deny == {"Contractors cannot break the glass. Call somebody of the team."} with input as asked
}

test_silent_about_everybody_else if {
	asked := asking(["sre"], "request", "admin", "prod")
	not eligibility.allow with input as asked
	not eligibility.max_duration_seconds with input as asked
	count(eligibility.deny) == 0 with input as asked
}
