# What contractors may ask for, and what they may not even if others allow it.
package jitsudo.eligibility

import data.jitsudo.lib.people
import data.jitsudo.lib.scope

outside := {"contractors"}

open_scopes := {"dev", "dev-*", "staging", "staging-*"}

roles := {"view", "viewer", "edit", "editor"}

contractor if people.in_any(input.user, outside)

allow if {
	contractor
	input.action in {"request", "extend"}
	input.request.role in roles
	scope.like(input.request.resource_scope, open_scopes)
}

max_duration_seconds := 7200 if contractor

deny contains "Contractors have no access to production." if {
	contractor
	not scope.like(input.request.resource_scope, open_scopes)
}

deny contains sentence if {
	contractor
	input.action in {"request", "extend"}
	not input.request.role in roles
	sentence := sprintf("Contractors may have the roles %s only.", [concat(", ", sort(roles))])
}

deny contains "Contractors cannot break the glass. Call somebody of the team." if {
	contractor
	input.action == "break_glass"
}
