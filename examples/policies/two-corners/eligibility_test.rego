package jitsudo.eligibility_test

import data.jitsudo.eligibility

asking(groups, on) := {
	"action": "request",
	"user": {"email": "x@example.com", "groups": groups},
	"request": {"resource_scope": on},
}

test_developers_may_ask_for_an_hour if {
	eligibility.allow with input as asking(["developers"], "prod-eu")
	eligibility.max_duration_seconds == 3600 with input as asking(["developers"], "prod-eu")
}

test_others_may_not if not eligibility.allow with input as asking(["sales"], "prod-eu")

test_silent_about_other_scopes if {
	not eligibility.allow with input as asking(["developers"], "staging")
	not eligibility.max_duration_seconds with input as asking(["developers"], "staging")
}

test_the_whole_cluster_is_production if {
	eligibility.allow with input as asking(["developers"], "*")
	eligibility.max_duration_seconds == 3600 with input as asking(["developers"], "*")
}
