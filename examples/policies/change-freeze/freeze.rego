# Nobody asks for changes to production while there is a freeze. When that is, says
# freeze_dates.rego.
package jitsudo.eligibility

import data.jitsudo.lib.freeze

deny contains sprintf("%s In an emergency, break the glass.", [why]) if {
	input.action in {"request", "extend"}
	some why in freeze.stops(input.request, input.context)
}
