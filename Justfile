# What one does here every day. Each recipe is a command or two that can be
# typed just as well.

# A whole small company in a browser tab: simulated Slack, simulated cloud
demo *args:
    go run ./cmd/jitsudod demo {{args}}

# All tests; those that need programs which are not there say so and skip
test *args:
    go test ./... {{args}}

# All that must hold before a change goes in (installs what it needs)
ci:
    bash .ci/run

# Format every Go file
fmt:
    gofmt -w $(git ls-files --cached --others --exclude-standard '*.go')

# What the compiler does not complain about
lint:
    go vet ./...
    go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

# One fuzz target for as long as you like: just fuzz ./bot/grammar FuzzParseSlash 5m
fuzz package target time="1m":
    go test -run='^$' -fuzz='^{{target}}$' -fuzztime={{time}} {{package}}

# The benchmarks, without the tests
bench package="./...":
    go test -run='^$' -bench=. -benchmem {{package}}

# The API server and etcd that the Kubernetes tests talk to (ten minutes once)
kube:
    nice bash providers/kubernetes/kubetest/apiserver/build

# new random lives of requests, as many as one has time for
soak traces="100000":
    JITSUDO_TRACES={{traces}} go test -count=1 -timeout=24h -run='^TestModel$' ./engine -rapid.seed=0
