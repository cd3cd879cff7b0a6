// People of the simulated workspace, through the API of its page.
import assert from 'node:assert/strict'

const web = process.env.SIM_WEB

export async function stateOf(who) {
  const answer = await fetch(`${web}/ui/state?as=${who}`)
  assert.equal(answer.status, 200)
  return answer.json()
}

export async function act(who, type, fields) {
  const answer = await fetch(`${web}/ui/act`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ as: who, type, ...fields }),
  })
  const body = await answer.json()
  assert.equal(body.ok, true, `${type}: ${body.error}`)
  return body
}

/** until reads a person's state after every change of it, until look finds something there. */
export async function until(who, what, look) {
  const stop = AbortSignal.timeout(20_000)
  try {
    const stream = await fetch(`${web}/ui/events?as=${who}`, { signal: stop })
    for await (const _ of stream.body) {
      const found = look(await stateOf(who))
      if (found) return found
    }
  } catch (err) {
    if (!stop.aborted) throw err
  }
  throw new Error(`${who} never saw ${what}`)
}

/** control asks the test to do something to the simulator that no person can. */
export async function control(what) {
  const answer = await fetch(`${web}/panel/0/${what}`, { method: 'POST' })
  assert.equal(answer.status, 200, what)
  return answer.text()
}
