// A conversation of the vendor's clients with a running simulator. Every step says "ok"; the first that fails ends it.
import { createRequire } from 'node:module'
import { boltConversation } from './bolt.mjs'
import { bareConversation } from './bare.mjs'

const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
for (const name of ['@slack/bolt', '@slack/socket-mode', '@slack/web-api']) console.log(`# ${name} ${version(name)}`)
console.log(`# node ${process.version}`)

const step = async (name, run) => {
  const began = performance.now()
  await run()
  console.log(`ok - ${name} (${Math.round(performance.now() - began)} ms)`)
}

await boltConversation(step)
await bareConversation(step)
console.log('# all said')
process.exit(0)
