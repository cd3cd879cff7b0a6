package slacksim

import (
	"errors"
	"io"
	"mime/multipart"
	"strings"
)

func (c *call) addMultipart(body, boundary string) *failure {
	r := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fail("invalid_form_data")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return fail("invalid_form_data")
		}
		c.args[part.FormName()] = string(value)
	}
}
