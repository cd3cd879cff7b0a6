package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const maxBody = 1 << 20

// call is one request to a Web API method, its arguments read from a form or from JSON alike.
type call struct {
	method      string
	token       string
	headerToken bool
	host        string
	post        bool
	args        obj
}

// failure is a Slack error: HTTP 200 with ok false.
type failure struct {
	code             string
	messages         []string
	needed, provided string
	errors           []any // of blocks.validate
}

func fail(code string, messages ...string) *failure { return &failure{code: code, messages: messages} }

func (f *failure) body() obj {
	b := obj{"ok": false, "error": f.code}
	if len(f.messages) > 0 {
		b["response_metadata"] = obj{"messages": f.messages}
	}
	if f.needed != "" {
		b["needed"], b["provided"] = f.needed, f.provided
	}
	if f.errors != nil {
		b["errors"] = f.errors
	}
	return b
}

func readCall(r *http.Request) (*call, *failure) {
	c := &call{method: strings.TrimPrefix(r.URL.Path, "/api/"), host: r.Host, post: r.Method == http.MethodPost, args: obj{}}
	if f := c.readArgs(r); f != nil {
		return c, f
	}
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token, c.headerToken = strings.TrimSpace(t), true
	} else {
		c.token = c.str("token")
	}
	delete(c.args, "token")
	return c, nil
}

func (c *call) readArgs(r *http.Request) *failure {
	c.addForm(r.URL.Query())
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return fail("request_timeout")
	}
	if len(body) == 0 {
		return nil
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "application/json":
		var in obj
		if err := json.Unmarshal(body, &in); err != nil {
			return fail("invalid_json")
		}
		for k, v := range in {
			c.args[k] = v
		}
	case kind == "multipart/form-data":
		return c.addMultipart(string(body), params["boundary"])
	case kind == "application/x-www-form-urlencoded" || kind == "":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return fail("invalid_form_data")
		}
		c.addForm(form)
	default:
		return fail("invalid_post_type")
	}
	return nil
}

func (c *call) addForm(v url.Values) {
	for k := range v {
		c.args[k] = v.Get(k)
	}
}

// str is an argument as text; numbers and booleans of JSON bodies are spelt out.
func (c *call) str(key string) string {
	switch v := c.args[key].(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func (c *call) yes(key string) bool { v := c.str(key); return v == "true" || v == "1" }

func (c *call) has(key string) bool { v, ok := c.args[key]; return ok && v != nil && v != "" }

func (c *call) num(key string, otherwise int) int {
	if n, err := strconv.Atoi(c.str(key)); err == nil {
		return n
	}
	return otherwise
}

// value is a nested argument, given as JSON or as a string that holds JSON. A nil value means that it is absent.
func (c *call) value(key string) (any, error) {
	v := c.args[key]
	text, isText := v.(string)
	if !isText {
		return v, nil
	}
	if text == "" {
		return nil, nil
	}
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("argument %s: %w", key, err)
	}
	return out, nil
}

// need refuses a call that lacks arguments.
func (c *call) need(keys ...string) *failure {
	var missing []string
	for _, k := range keys {
		if !c.has(k) {
			missing = append(missing, fmt.Sprintf("[ERROR] missing required field: %s", k))
		}
	}
	if missing != nil {
		return fail("invalid_arguments", missing...)
	}
	return nil
}
