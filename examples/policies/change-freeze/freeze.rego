# No changes to production while there is a freeze.
package jitsudo.eligibility

import data.jitsudo.lib.scope

# From the first moment up to, and without, the second. In UTC.
freezes := [
	{"name": "the sale", "from": "2026-11-23T00:00:00Z", "until": "2026-12-01T00:00:00Z"},
	{"name": "the end of the year", "from": "2026-12-19T00:00:00Z", "until": "2027-01-04T00:00:00Z"},
]

frozen_scopes := {"prod", "prod-*"}

looking := {"view", "viewer", "Reader", "roles/viewer"}

deny contains sentence if {
	input.action in {"request", "extend"}
	not input.request.role in looking
	scope.like(input.request.resource_scope, frozen_scopes)
	some freeze in freezes
	time.parse_rfc3339_ns(freeze.from) <= input.context.now_ns
	input.context.now_ns < time.parse_rfc3339_ns(freeze.until)
	sentence := sprintf("Because of %s nothing is changed on %s before %s. In an emergency, break the glass.", [
		freeze.name, input.request.resource_scope, freeze.until,
	])
}
