// The clients below Bolt, used bare.
import assert from 'node:assert/strict'
import socketMode from '@slack/socket-mode'
import webApi from '@slack/web-api'
import { act, control, until } from './people.mjs'

const { SocketModeClient, LogLevel } = socketMode
const { WebClient, ErrorCode } = webApi
const slackApiUrl = process.env.SIM_API

const refused = (call, code) => assert.rejects(call, (err) => {
  assert.equal(err.code, ErrorCode.PlatformError)
  assert.equal(err.data.error, code)
  return true
})

export async function bareConversation(step) {
  const web = new WebClient(process.env.SIM_BOT_TOKEN, { slackApiUrl, retryConfig: { retries: 2 }, logLevel: 'error' })
  const socket = new SocketModeClient({ appToken: process.env.SIM_APP_TOKEN, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl } })

  await step('web-api: reads', async () => {
    assert.equal((await web.auth.test()).bot_id, 'BJITSUDO')
    assert.equal((await web.users.info({ user: 'UALICE' })).user.profile.email, 'alice@example.com')
    assert.equal((await web.users.lookupByEmail({ email: 'bob@example.com' })).user.id, 'UBOB')
    assert.ok((await web.conversations.members({ channel: 'CREQUESTS' })).members.includes('UALICE'))
    assert.equal((await web.usergroups.list()).usergroups.length, 3)
  })
  await step('web-api: refusals', async () => {
    await refused(new WebClient('xoxb-wrong', { slackApiUrl, logLevel: 'error' }).auth.test(), 'invalid_auth')
    await refused(web.chat.postMessage({ channel: 'CACME', text: 'x' }), 'not_in_channel')
    await refused(web.chat.postMessage({ channel: 'CREQUESTS', text: 'x', blocks: [{ type: 'nope' }] }), 'invalid_blocks')
    await refused(web.apiCall('no.such'), 'unknown_method')
  })
  await step('web-api: waits out a 429 and goes on', async () => {
    await control('limit?method=chat.postMessage')
    assert.equal((await web.chat.postMessage({ channel: 'CINCIDENTS', text: 'late' })).ok, true)
  })
  await step('web-api: blocks.validate', async () => {
    assert.equal((await web.apiCall('blocks.validate', { blocks: JSON.stringify([{ type: 'divider' }]) })).ok, true)
    await refused(web.apiCall('blocks.validate', { blocks: JSON.stringify([{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }]) }), 'invalid_blocks')
  })
  await step('socket-mode: events and acknowledgements with a payload', async () => {
    socket.on('slash_commands', ({ ack }) => ack({ text: 'Said in the acknowledgement.' }))
    const said = new Promise((resolve) => socket.on('message', async ({ event, ack }) => { await ack(); resolve(event) }))
    await socket.start()
    await act('UCAROL', 'say', { channel: 'CINCIDENTS', text: '/jitsudo x' })
    await until('UCAROL', 'the answer', (s) => s.messages.CINCIDENTS.find((m) => m.ephemeral && m.text_html.includes('acknowledgement')))
    const im = (await web.conversations.open({ users: 'UCAROL' })).channel.id
    await act('UCAROL', 'say', { channel: im, text: 'hello <b>' })
    const event = await said
    assert.equal(event.text, 'hello &lt;b&gt;')
    assert.equal(event.channel_type, 'im')
  })
  await socket.disconnect()
}
