# Production: a lead and somebody of security, in any order.
package jitsudo.approval

import data.jitsudo.lib.people
import data.jitsudo.lib.scope

# A scope that means everything is production too: \* is Kubernetes' whole cluster.
production := {"prod", "prod-*", `\*`}

# One yes is needed from each of these.
corners := {
	"leads": {"sre-leads", "dev-leads"},
	"security": {"security"},
}

here if scope.like(input.request.resource_scope, production)

# The corners from which nobody has agreed yet.
missing contains name if {
	some name, groups in corners
	not people.approved_by_any(input.approvals, groups)
}

# The corners of the person who acts.
own contains name if {
	some name, groups in corners
	people.in_any(input.user, groups)
}

approver_tier := "human" if here

required_approvals := count(corners) if here

approver_groups contains group if {
	here
	some groups in corners
	some group in groups
}

allow if {
	here
	input.action == "approve"
	count(own & missing) > 0
}

# Somebody who is in both corners has agreed for both, but is one person only:
# the second yes may then come from either.
allow if {
	here
	input.action == "approve"
	count(missing) == 0
	count(own) > 0
}

allow if {
	here
	input.action in {"deny", "revoke"}
	count(own) > 0
}

# Other files may allow more, but one veto is enough: these hold beside any others.
deny contains "Your corner has agreed already. The other one has to agree as well." if {
	here
	input.action == "approve"
	count(own) > 0
	count(missing) > 0
	count(own & missing) == 0
}

deny contains "Production is decided by leads and by security." if {
	here
	input.action == "approve"
	count(own) == 0
}

reason := "Production is decided by leads and by security." if {
	here
	count(own) == 0
}
