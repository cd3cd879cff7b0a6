// Pressing: a button, or choosing something outside of a form. The question of a `confirm` comes first; while the app has
// not answered, the element shows that it waits and cannot be pressed again.
import { store, changed, act, notice } from './store.js'
import { scopeOf, collect } from './form.js'

const name = (ctx, block, el) => `${scopeOf(ctx)}/${block.block_id}/${el.action_id}`

/** waits tells whether an element was pressed and the app has not answered yet. */
export function waits(ctx, block, el) {
  return store.inflight.has(name(ctx, block, el)) || (ctx.pending || []).includes(el.action_id)
}

/** press sends an action, after the question that the app wants asked. It tells whether it was sent. */
export async function press(ctx, block, el, more) {
  if (waits(ctx, block, el)) return false
  if (el.confirm && !(await ask(el.confirm))) return false
  if (el.url && /^https?:/i.test(el.url)) window.open(el.url, '_blank', 'noopener')
  const id = name(ctx, block, el)
  store.inflight.add(id)
  changed()
  const answer = await act('press', { ...where(ctx), block_id: block.block_id, action_id: el.action_id, ...more })
  store.inflight.delete(id)
  if (!answer.ok) notice(answer.error || 'That did not go through.')
  changed()
  return true
}

/** where names the message or view that an element sits in. */
export function where(ctx) {
  if (ctx.view) return { view_id: ctx.view.id, values: collect(ctx.view) }
  return { channel: ctx.channel, ts: ctx.ts }
}

function ask(question) {
  return new Promise((resolve) => {
    store.confirm = {
      ...question,
      answer: (yes) => { store.confirm = null; resolve(yes); changed() },
    }
    changed()
  })
}
