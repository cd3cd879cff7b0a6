# By day the team decides, at night who is on call.
package jitsudo.approval

import data.jitsudo.lib.people
import data.jitsudo.lib.when

zone := "Europe/Berlin"

roles := {"edit", "editor", "admin"}

deciders := {"sre-leads", "on-call"}

here if input.request.role in roles

alone if {
	here
	not when.office_hours(input.context, zone)
	people.in_any(input.requester, {"on-call"})
}

approver_tier := "auto" if alone

approver_tier := "human" if {
	here
	not alone
}

channel := "#incidents" if alone

approver_groups := deciders if here

allow if {
	here
	input.action in {"approve", "deny", "revoke"}
	people.in_any(input.user, deciders)
}

reason := "This is decided by sre-leads, or by who is on call." if here
