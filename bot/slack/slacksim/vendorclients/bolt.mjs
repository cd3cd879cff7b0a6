// What an app written with Bolt does, from the slash command to the reconnection.
import assert from 'node:assert/strict'
import bolt from '@slack/bolt'
import { act, control, until } from './people.mjs'

const channel = 'CREQUESTS'
const plain = (text) => ({ type: 'plain_text', text })

const form = {
  type: 'modal', callback_id: 'request', title: plain('Request access'), submit: plain('Ask'),
  blocks: [
    { type: 'input', block_id: 'why', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'text' } },
    { type: 'input', block_id: 'what', label: plain('Role'), element: { type: 'external_select', action_id: 'role', min_query_length: 1 } },
  ],
}

const card = (text, buttons) => [
  { type: 'section', text: { type: 'mrkdwn', text } },
  ...(buttons ? [{ type: 'actions', block_id: 'decide', elements: [{ type: 'button', action_id: 'approve', value: 'r1', text: plain('Approve') }] }] : []),
]

function makeApp() {
  const app = new bolt.App({
    token: process.env.SIM_BOT_TOKEN, appToken: process.env.SIM_APP_TOKEN, socketMode: true,
    logLevel: bolt.LogLevel.ERROR, clientOptions: { slackApiUrl: process.env.SIM_API },
  })
  app.command('/jitsudo', async ({ ack, client, body, respond, command }) => {
    await ack()
    if (command.text === 'help') return respond({ text: 'Only for you.', response_type: 'ephemeral' })
    await client.views.open({ trigger_id: body.trigger_id, view: form })
  })
  app.options('role', async ({ ack, payload }) => {
    await ack({ options: [{ text: plain(`Admin ${payload.value}`), value: 'admin' }] })
  })
  app.view('request', async ({ ack, view, body, client }) => {
    const reason = view.state.values.why.text.value
    if (reason === 'no') return ack({ response_action: 'errors', errors: { why: 'Say more.' } })
    await ack()
    const role = view.state.values.what.role.selected_option.value
    await client.chat.postMessage({ channel, text: 'request', blocks: card(`<@${body.user.id}> wants ${role}: ${reason}`, true) })
  })
  app.action('approve', async ({ ack, body, client, respond }) => {
    await ack()
    assert.equal(body.actions[0].value, 'r1')
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'approved', blocks: card(`Approved by <@${body.user.id}>`) })
    await respond({ text: 'Noted.', replace_original: false, response_type: 'ephemeral' })
  })
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: card('Nothing to do.') } })
  })
  return app
}

const card1 = (s) => (s.messages[channel] || []).find((m) => !m.ephemeral && m.text_html.length > 0)
const ephemeral = (words) => (s) => (s.messages[channel] || []).find((m) => m.ephemeral && m.text_html.includes(words))

export async function boltConversation(step) {
  const app = makeApp()
  let modal
  await step('bolt: connects', () => app.start())
  await step('bolt: slash command opens a form', async () => {
    await act('UALICE', 'say', { channel, text: '/jitsudo request' })
    modal = await until('UALICE', 'the form', (s) => s.views[0])
    assert.equal(modal.title.text, 'Request access')
  })
  await step('bolt: options for what is typed', async () => {
    const offer = await act('UALICE', 'suggest', { view_id: modal.id, block_id: 'what', action_id: 'role', query: 'adm' })
    assert.equal(offer.options[0].text.text, 'Admin adm')
  })
  await step('bolt: submission refused with errors, then taken', async () => {
    const values = (reason) => ({
      why: { text: { type: 'plain_text_input', value: reason } },
      what: { role: { type: 'external_select', selected_option: { text: plain('Admin adm'), value: 'admin' } } },
    })
    await act('UALICE', 'submit', { view_id: modal.id, values: values('no') })
    assert.equal((await until('UALICE', 'the error', (s) => s.views[0])).errors.why, 'Say more.')
    await act('UALICE', 'submit', { view_id: modal.id, values: values('deploy') })
    await until('UALICE', 'the form gone', (s) => s.views.length === 0)
  })
  await step('bolt: press, chat.update, response_url', () => pressed())
  await step('bolt: home opened, views.publish', async () => {
    await act('UALICE', 'open_home', {})
    assert.equal((await until('UALICE', 'the home', (s) => s.home)).blocks[0].text.text, 'Nothing to do.')
  })
  await step('bolt: response_url of a command', async () => {
    await act('UALICE', 'say', { channel, text: '/jitsudo help' })
    await until('UALICE', 'the ephemeral answer', ephemeral('Only for you.'))
  })
  await step('bolt: comes back after a disconnect', async () => { // it waits five seconds of its own before it does
    await control('disconnect?reason=refresh_requested')
    await control('connected')
    await act('UBOB', 'say', { channel, text: '/jitsudo help' })
    await until('UBOB', 'the answer', ephemeral('Only for you.'))
  })
  await app.stop()
}

async function pressed() {
  const m = await until('UBOB', 'the card', card1)
  assert.match(m.blocks[0].text.html, /@alice<\/span> wants admin: deploy/)
  await act('UBOB', 'press', { channel, ts: m.ts, block_id: 'decide', action_id: 'approve' })
  const after = await until('UBOB', 'the redrawn card', (s) => { const c = card1(s); return c.edited && c })
  assert.equal(after.blocks.length, 1)
  await until('UBOB', 'the ephemeral answer', ephemeral('Noted.'))
}
