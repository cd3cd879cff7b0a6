// The simulator's side of the conversation: state is fetched whole, changes are announced by an event stream.

/** fetchState returns what one person sees; an empty as means whoever the server puts first. */
export async function fetchState(as) {
  const answer = await fetch(`ui/state?as=${encodeURIComponent(as)}`, { cache: 'no-store' })
  if (!answer.ok) throw new Error((await answer.text()).trim() || `The simulator answered ${answer.status}.`)
  return answer.json()
}

/** act asks the simulator to do something in somebody's name. It never throws: a failure is {ok: false, error}. */
export async function act(as, type, fields) {
  try {
    const answer = await fetch('ui/act', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ as, type, ...fields }),
    })
    const text = await answer.text()
    try {
      return JSON.parse(text)
    } catch {
      return { ok: false, error: text.trim() || `The simulator answered ${answer.status}.` }
    }
  } catch {
    return { ok: false, error: 'The simulator cannot be reached. Is it still running?' }
  }
}

/** follow calls changed at every change and again after every reconnection; online tells whether the stream stands. */
export function follow(as, changed, online) {
  const stream = new EventSource(`ui/events?as=${encodeURIComponent(as)}`)
  stream.addEventListener('open', () => { online(true); changed() })
  stream.addEventListener('changed', () => changed())
  stream.addEventListener('error', () => online(false))
  return () => stream.close()
}

/** oneAtATime lets calls of work never overlap: calls during a run become one more run after it. */
export function oneAtATime(work) {
  let running = false
  let again = false
  return async function run() {
    if (running) { again = true; return }
    running = true
    do {
      again = false
      await work()
    } while (again)
    running = false
  }
}
