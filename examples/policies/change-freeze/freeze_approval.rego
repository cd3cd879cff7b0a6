# What was asked for before a freeze is not approved during it either.
package jitsudo.approval

import data.jitsudo.lib.freeze

deny contains sprintf("%s Ask again after that. In an emergency, break the glass.", [why]) if {
	input.action == "approve"
	not input.request.break_glass
	some why in freeze.stops(input.request, input.context)
}
