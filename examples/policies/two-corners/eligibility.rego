# Who may ask for production, and for how long at most. Other files may let others
# ask; two corners have to agree all the same.
package jitsudo.eligibility

import data.jitsudo.lib.people
import data.jitsudo.lib.scope

# A scope that means everything is production too: \* is Kubernetes' whole cluster.
production := {"prod", "prod-*", `\*`}

askers := {"sre", "developers"}

allow if {
	input.action in {"request", "extend"}
	scope.like(input.request.resource_scope, production)
	people.in_any(input.user, askers)
}

max_duration_seconds := 3600 if scope.like(input.request.resource_scope, production)
