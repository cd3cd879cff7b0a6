# Who may ask for production at all.
package jitsudo.eligibility

import data.jitsudo.lib.people
import data.jitsudo.lib.scope

production := {"prod", "prod-*"}

askers := {"sre", "developers"}

allow if {
	input.action in {"request", "extend"}
	scope.like(input.request.resource_scope, production)
	people.in_any(input.user, askers)
}

max_duration_seconds := 3600 if scope.like(input.request.resource_scope, production)
