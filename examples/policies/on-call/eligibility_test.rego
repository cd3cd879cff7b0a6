package jitsudo.eligibility_test

import data.jitsudo.eligibility

asking(groups, role) := {
	"action": "request",
	"user": {"email": "x@example.com", "groups": groups},
	"request": {"role": role},
}

test_the_team_may_ask_for_an_hour if {
	eligibility.allow with input as asking(["sre"], "editor")
	eligibility.max_duration_seconds == 3600 with input as asking(["sre"], "editor")
}

test_who_is_on_call_may_ask if eligibility.allow with input as asking(["on-call"], "admin")

test_others_may_not if not eligibility.allow with input as asking(["sales"], "editor")

test_silent_about_other_roles if not eligibility.allow with input as asking(["sre"], "emperor")
