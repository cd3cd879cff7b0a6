package main

import (
	"context"
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// directory knows the people of the configuration: who is in which group.
type directory map[string]engine.Principal

var _ engine.Directory = directory(nil)

// newDirectory turns groups of people into people with groups.
func newDirectory(groups map[string][]string) (directory, error) {
	d := directory{}
	for group, members := range groups {
		for _, m := range members {
			id, err := engine.NormalizeID(m)
			if err != nil {
				return nil, fmt.Errorf("directory group %s: %w", group, err)
			}
			p := d[id]
			p.ID, p.Name = id, id
			if !p.In(group) {
				p.Groups = append(p.Groups, group)
			}
			slices.Sort(p.Groups)
			d[id] = p
		}
	}
	return d, nil
}

// Lookup returns the principal with its groups.
func (d directory) Lookup(_ context.Context, id string) (engine.Principal, error) {
	p, ok := d[id]
	if !ok {
		return engine.Principal{}, engine.ErrNotFound
	}
	p.Groups = slices.Clone(p.Groups)
	return p, nil
}

// localUsers tells who a user of this machine is.
type localUsers struct {
	config.Local
	lookup func(uid string) (*user.User, error)
}

// Users of this machine that may be people: from the first uid that Linux
// distributions give to one, without the uid that stands for an unknown one.
const (
	firstPerson = 1000
	nobody      = 65534
)

// person returns the principal's ID for a uid; an error when nobody said who it is.
func (l localUsers) person(uid uint32) (string, error) {
	number := strconv.FormatUint(uint64(uid), 10)
	if p, ok := l.Users[number]; ok {
		return p, nil
	}
	u, err := l.lookup(number)
	if err != nil {
		return "", engine.Refuse(engine.ErrForbidden, "Nobody told jitsudo who the user %s of this machine is.", number).WithHint("Ask whoever runs it to add you to auth.local.users.")
	}
	// A key of digits is a uid: a user who is called 1000 is not the user 1000.
	_, notNumber := strconv.ParseUint(u.Username, 10, 64)
	if p, ok := l.Users[u.Username]; ok && notNumber != nil {
		return p, nil
	}
	// The administrator's and the services' accounts belong to nobody in
	// particular, so the domain rule makes no person of them.
	if l.Domain != "" && uid >= firstPerson && uid != nobody {
		return strings.ToLower(u.Username) + "@" + l.Domain, nil
	}
	return "", engine.Refuse(engine.ErrForbidden, "Nobody told jitsudo who the user %s of this machine is.", u.Username).WithHint("Ask whoever runs it to add you to auth.local.users.")
}
