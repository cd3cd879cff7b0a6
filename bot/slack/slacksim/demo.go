package slacksim

// DemoCompany is a whole, small company: Alice, Bob and Carol of the team, the guest Dave, Erin of another company in a
// shared channel, and the bot in #access-requests and #incidents.
func DemoCompany() Options {
	bot := UserID("UJITSUDO")
	team := []UserID{"UALICE", "UBOB", "UCAROL"}
	with := func(more ...UserID) []UserID { return append(append([]UserID{}, team...), more...) }
	return Options{
		Team: Team{ID: "TEXAMPLE", Name: "Example Company", Domain: "example"},
		People: []User{
			{ID: "UALICE", Name: "alice", RealName: "Alice Aalto", Title: "Site reliability", Email: "alice@example.com"},
			{ID: "UBOB", Name: "bob", RealName: "Bob Bramble", Title: "Lead, site reliability", Email: "bob@example.com"},
			{ID: "UCAROL", Name: "carol", RealName: "Carol Costa", Title: "Security", Email: "carol@example.com"},
			{ID: "UDAVE", Name: "dave", RealName: "Dave Dorn", Title: "Contractor", Email: "dave@contractor.example", IsRestricted: true},
			{ID: "UERIN", TeamID: "TACME", Name: "erin", RealName: "Erin Eske", Title: "Acme Inc.", Email: "erin@acme.example", IsStranger: true},
			{ID: bot, Name: "jitsudo", RealName: "jitsudo", IsBot: true},
		},
		Channels: []Channel{
			{ID: "CREQUESTS", Name: "access-requests", Members: with("UDAVE", bot)},
			{ID: "CINCIDENTS", Name: "incidents", Members: with(bot)},
			{ID: "CACME", Name: "with-acme", ExtShared: true, Members: with("UERIN")},
		},
		Usergroups: []Usergroup{
			{ID: "SSRE", Handle: "sre", Name: "SRE", Members: []UserID{"UALICE"}},
			{ID: "SLEADS", Handle: "sre-leads", Name: "SRE leads", Members: []UserID{"UBOB"}},
			{ID: "SSECURITY", Handle: "security", Name: "Security", Members: []UserID{"UCAROL"}},
		},
		App: DemoApp(bot),
	}
}

// DemoApp is the app of the demo company, with the scopes and events that an approval bot asks for.
func DemoApp(bot UserID) App {
	return App{
		ID: "AJITSUDO", Name: "jitsudo", BotID: "BJITSUDO", BotUser: bot,
		Scopes: []string{
			"app_mentions:read", "channels:read", "chat:write", "commands", "groups:read", "im:history", "im:read",
			"im:write", "mpim:write", "reactions:write", "usergroups:read", "users:read", "users:read.email",
		},
		Commands: []Command{{Name: "/jitsudo", UsageHint: "[request|list|approve|deny|revoke|break-glass|help]", ShouldEscape: true}},
		Events: []string{
			"app_home_opened", "app_mention", "message.im", "member_joined_channel", "user_change",
			"subteam_members_changed", "tokens_revoked", "app_uninstalled",
		},
	}
}

// OddCompany is the demo company with the accounts that an approval must refuse: a deactivated one (UFRANK), a second
// bot (UROBOT), one with an unconfirmed mail address (UGRACE), one still invited (UHEIDI) and a single-channel guest (UIVAN).
func OddCompany() Options {
	o := DemoCompany()
	o.People = append(o.People,
		User{ID: "UFRANK", Name: "frank", RealName: "Frank Former", Email: "frank@example.com", Deleted: true},
		User{ID: "UROBOT", Name: "robot", RealName: "Other Bot", IsBot: true},
		User{ID: "UGRACE", Name: "grace", RealName: "Grace Gap", Email: "grace@example.com", EmailUnconfirmed: true},
		User{ID: "UHEIDI", Name: "heidi", RealName: "Heidi Hall", Email: "heidi@example.com", IsInvited: true},
		User{ID: "UIVAN", Name: "ivan", RealName: "Ivan Inn", Email: "ivan@elsewhere.example", IsRestricted: true, IsUltraRestricted: true},
	)
	for i := range o.Channels {
		if o.Channels[i].ID == "CREQUESTS" {
			o.Channels[i].Members = append(o.Channels[i].Members, "UFRANK", "UROBOT", "UGRACE", "UHEIDI", "UIVAN")
		}
	}
	return o
}
