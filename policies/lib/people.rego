# Questions about people. Use them with
#
#	import data.jitsudo.lib.people
package jitsudo.lib.people

# in_any: is the person in at least one of the groups?
#
#	people.in_any(input.user, {"sre", "security"})
in_any(person, groups) if {
	some group in person.groups
	group in groups
}

# is_one_of: is the person one of these? E-mail addresses are in lower case.
#
#	people.is_one_of(input.user, {"alice@example.com"})
is_one_of(person, emails) if person.email in emails

# on_call: does the person have the duty of this schedule just now? When the
# schedule is not known, nobody has.
#
#	people.on_call(input.user, input.context, "primary")
on_call(person, context, schedule) if person.email in context.oncall[schedule]

# approved_by_any: has somebody of one of the groups approved already? For
# requests that need approvals from different corners.
#
#	people.approved_by_any(input.approvals, {"security"})
approved_by_any(approvals, groups) if {
	some approval in approvals
	in_any(approval, groups)
}
