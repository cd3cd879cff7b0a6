#!/bin/sh
# Makes blockkit.json anew from the published types. Needs node and npm; leaves nothing behind but the schema.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/source.ts" "$work/"
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --save-exact @slack/types@3.2.0 ts-json-schema-generator@2.4.0 typescript@7.0.2
npx ts-json-schema-generator --path source.ts --type Everything --no-type-check --jsDoc none --minify >"$here/blockkit.json"
