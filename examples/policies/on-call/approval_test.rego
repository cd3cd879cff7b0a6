package jitsudo.approval_test

import data.jitsudo.approval

# 4 March 2026 is a Wednesday; Berlin is an hour ahead of UTC.
day := {"now_ns": time.parse_rfc3339_ns("2026-03-04T10:00:00Z")}

night := {"now_ns": time.parse_rfc3339_ns("2026-03-04T23:00:00Z")}

sunday := {"now_ns": time.parse_rfc3339_ns("2026-03-08T10:00:00Z")}

asking(groups, moment) := {
	"action": "request",
	"requester": {"email": "x@example.com", "groups": groups},
	"user": {"email": "x@example.com", "groups": groups},
	"request": {"role": "admin"},
	"context": moment,
}

test_on_call_at_night_is_alone if {
	every moment in [night, sunday] {
		approval.approver_tier == "auto" with input as asking(["sre", "on-call"], moment)
		approval.channel == "#incidents" with input as asking(["sre", "on-call"], moment)
	}
}

test_on_call_by_day_is_approved if {
	approval.approver_tier == "human" with input as asking(["sre", "on-call"], day)
	not approval.channel with input as asking(["sre", "on-call"], day)
}

test_others_are_always_approved if {
	every moment in [day, night, sunday] {
		approval.approver_tier == "human" with input as asking(["sre"], moment)
	}
}

test_who_decides if {
	asked := object.union(asking(["on-call"], night), {"action": "approve"})
	approval.allow with input as asked
	approval.approver_groups == {"sre-leads", "on-call"} with input as asked
}

test_who_does_not if {
	asked := object.union(asking(["sre"], night), {"action": "approve"})
	not approval.allow with input as asked
	approval.reason == "This is decided by sre-leads, or by who is on call." with input as asked
}

test_silent_about_other_roles if {
	asked := object.union(asking(["on-call"], night), {"request": {"role": "emperor"}})
	not approval.approver_tier with input as asked
	not approval.allow with input as asked
}
