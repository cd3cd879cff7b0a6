# When nothing is changed, and where. Both freeze.rego and freeze_approval.rego go
# by this file.
package jitsudo.lib.freeze

import data.jitsudo.lib.scope

# From the first moment up to, and without, the second. In UTC.
freezes := [
	{"name": "the sale", "from": "2026-11-23T00:00:00Z", "until": "2026-12-01T00:00:00Z"},
	{"name": "the end of the year", "from": "2026-12-19T00:00:00Z", "until": "2027-01-04T00:00:00Z"},
]

# A scope that means everything is production too: \* is Kubernetes' whole cluster.
frozen_scopes := {"prod", "prod-*", `\*`}

looking := {"view", "viewer", "reader", "Reader", "roles/viewer"}

# stops: the sentences that say why this request cannot be met now.
stops(request, context) := {sentence |
	not request.role in looking
	scope.like(request.resource_scope, frozen_scopes)
	some freeze in freezes
	time.parse_rfc3339_ns(freeze.from) <= context.now_ns
	context.now_ns < time.parse_rfc3339_ns(freeze.until)
	sentence := sprintf("Because of %s nothing is changed on %s before %s.", [
		freeze.name, request.resource_scope, freeze.until,
	])
}
