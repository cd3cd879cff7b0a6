# WHO HAS TO AGREE
#
# This file is asked twice. When somebody asks for access, it says how many people
# have to agree and who is called (approver_tier, required_approvals,
# approver_groups). When somebody then clicks Approve or Deny, or ends an access
# early, it decides whether that person may ("allow").
#
# Two rules are jitsudo's own, and nothing here can lift them: nobody approves
# their own request, and nobody counts twice.
package jitsudo.approval

import data.jitsudo.lib.people

# Who decides about which roles. Each line reads: requests for one of these roles
# need so many approvals by members of these groups; for so many minutes or less
# nobody has to agree (0: somebody always has to). The first line that fits
# counts; a * at the end of the roles fits every role.
deciders := [
	{
		"roles": ["view", "viewer", "reader", "Reader", "roles/viewer"],
		"groups": ["sre", "security"],
		"approvals": 1,
		"at_once_minutes": 60,
	},
	{
		"roles": ["admin", "cluster-admin"],
		"groups": ["sre-leads", "security"],
		"approvals": 2,
		"at_once_minutes": 0,
	},
	{
		"roles": ["*"],
		"groups": ["sre-leads", "security"],
		"approvals": 1,
		"at_once_minutes": 0,
	},
]

# Besides the groups above, these may end anybody's access early.
guards := ["jitsudo-admins"]

# From here on there is seldom anything to change.

# The lines that fit the role; the first counts.
fitting := [entry |
	some entry in deciders
	some role in entry.roles
	role in {input.request.role, "*"}
]

decider := fitting[0]

at_once if input.request.duration_seconds <= decider.at_once_minutes * 60

approver_tier := "auto" if at_once

# Only where a line fits: about other roles this file is silent, and so leaves
# them to others. When every file is silent, one person has to agree.
approver_tier := "human" if {
	decider
	not at_once
}

required_approvals := decider.approvals

# Who is called, and shown as "can approve".
approver_groups contains group if some group in decider.groups

# Who may click.
default allow := false

allow if {
	input.action in {"approve", "deny", "revoke"}
	people.in_any(input.user, decider.groups)
}

allow if {
	input.action == "revoke"
	people.in_any(input.user, guards)
}

# What somebody reads who may not.
reason := sprintf("Only members of %s may %s this request.", [concat(" or ", decider.groups), input.action])
