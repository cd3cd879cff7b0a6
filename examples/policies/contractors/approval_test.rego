package jitsudo.approval_test

import data.jitsudo.approval

clicked(action, by, for_whom) := {
	"action": action,
	"user": {"email": "x@example.com", "groups": by},
	"requester": {"email": "y@example.com", "groups": for_whom},
}

test_somebody_has_to_agree if {
	asked := clicked("request", ["contractors"], ["contractors"])
	approval.approver_tier == "human" with input as asked
	approval.required_approvals == 1 with input as asked
	approval.approver_groups == {"sre", "sre-leads"} with input as asked
	count(approval.deny) == 0 with input as asked
}

test_hosts_decide if {
	every action in ["approve", "deny", "revoke"] {
		approval.allow with input as clicked(action, ["sre"], ["contractors"])
	}
}

test_others_do_not if not approval.allow with input as clicked("approve", ["sales"], ["contractors"])

test_contractors_decide_about_nobody if {
	every whom in [["contractors"], ["sre"]] {
		approval.deny == {"Contractors do not decide about access."} with input as clicked("approve", ["contractors", "sre"], whom)
	}
}

test_silent_about_everybody_else if {
	asked := clicked("approve", ["sre"], ["developers"])
	not approval.allow with input as asked
	not approval.required_approvals with input as asked
}
