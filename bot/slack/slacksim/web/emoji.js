// Names of the emoji that apps use most. An unknown name is shown as it is written, between colons.

const EMOJI = {
  '+1': '👍', thumbsup: '👍', '-1': '👎', thumbsdown: '👎', white_check_mark: '✅', heavy_check_mark: '✔️', x: '❌',
  eyes: '👀', warning: '⚠️', rotating_light: '🚨', lock: '🔒', unlock: '🔓', key: '🔑', closed_lock_with_key: '🔐',
  shield: '🛡️', hourglass: '⌛', hourglass_flowing_sand: '⏳', timer_clock: '⏲️', alarm_clock: '⏰', clock1: '🕐',
  fire: '🔥', boom: '💥', tada: '🎉', rocket: '🚀', wave: '👋', pray: '🙏', ok_hand: '👌', raised_hands: '🙌',
  clap: '👏', muscle: '💪', heart: '❤️', smile: '😄', slightly_smiling_face: '🙂', grinning: '😀', joy: '😂',
  thinking_face: '🤔', cry: '😢', sob: '😭', no_entry: '⛔', no_entry_sign: '🚫', stop_sign: '🛑', question: '❓',
  exclamation: '❗', bell: '🔔', no_bell: '🔕', memo: '📝', clipboard: '📋', calendar: '📆', link: '🔗', bulb: '💡',
  gear: '⚙️', wrench: '🔧', hammer_and_wrench: '🛠️', package: '📦', cloud: '☁️', robot_face: '🤖', bug: '🐛',
  red_circle: '🔴', large_blue_circle: '🔵', large_green_circle: '🟢', large_yellow_circle: '🟡', large_orange_circle: '🟠',
  white_circle: '⚪', black_circle: '⚫', arrow_right: '➡️', arrow_up: '⬆️', arrow_down: '⬇️', repeat: '🔁', new: '🆕',
  information_source: 'ℹ️', mag: '🔍', bust_in_silhouette: '👤', busts_in_silhouette: '👥', zap: '⚡', stopwatch: '⏱️',
  wastebasket: '🗑️', point_right: '👉', heavy_plus_sign: '➕', heavy_minus_sign: '➖', star: '⭐', sparkles: '✨',
  ballot_box_with_check: '☑️', page_facing_up: '📄', scroll: '📜', speech_balloon: '💬', 100: '💯', crown: '👑',
}

/** emoji gives the character for a name without colons. */
export const emoji = (name) => EMOJI[name] || `:${name}:`

/** QUICK are the reactions offered under every message. */
export const QUICK = ['+1', 'white_check_mark', 'eyes', 'tada', 'pray', 'x']

/** emojify turns :names: into their characters in rendered text, except in code. */
export function emojify(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.includes(':') || node.parentElement.closest('code,pre')) continue
    node.data = node.data.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] || whole)
  }
}
