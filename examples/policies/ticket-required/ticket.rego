# Changes to production need a ticket.
package jitsudo.eligibility

import data.jitsudo.lib.scope

pattern := `^(OPS|INC|CHG)-[0-9]{1,7}$`

# A scope that means everything is production too: \* is Kubernetes' whole cluster.
ticketed_scopes := {"prod", "prod-*", `\*`}

looking := {"view", "viewer", "reader", "Reader", "roles/viewer"}

needed if {
	input.action in {"request", "extend"}
	not input.request.role in looking
	scope.like(input.request.resource_scope, ticketed_scopes)
}

deny contains "Give the ticket that this belongs to, like OPS-123." if {
	needed
	input.request.ticket == ""
}

deny contains sentence if {
	needed
	input.request.ticket != ""
	not regex.match(pattern, input.request.ticket)
	sentence := sprintf("%s is no ticket. Tickets look like OPS-123, INC-4421 or CHG-7.", [input.request.ticket])
}
