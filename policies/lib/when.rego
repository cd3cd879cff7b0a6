# Questions about the time. Use them with
#
#	import data.jitsudo.lib.when
#
# A zone is a name like "Europe/Berlin"; "" is UTC.
package jitsudo.lib.when

# on: is it one of these days of the week there?
#
#	when.on(input.context, "Europe/Berlin", {"Saturday", "Sunday"})
on(context, zone, days) if time.weekday([context.now_ns, zone]) in days

# between: is it at or after the first hour and before the second there? From
# a later to an earlier hour goes over midnight.
#
#	when.between(input.context, "Europe/Berlin", 22, 6)
between(context, zone, from, to) if {
	from <= to
	[hour, _, _] := time.clock([context.now_ns, zone])
	hour >= from
	hour < to
}

between(context, zone, from, to) if {
	from > to
	[hour, _, _] := time.clock([context.now_ns, zone])
	hour >= from
}

between(context, zone, from, to) if {
	from > to
	[hour, _, _] := time.clock([context.now_ns, zone])
	hour < to
}

# office_hours: is it Monday to Friday, from 9 to 17 o'clock there?
office_hours(context, zone) if {
	on(context, zone, {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"})
	between(context, zone, 9, 17)
}
