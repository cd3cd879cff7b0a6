// The page is drawn by the server; this only fetches it anew when something
// changed, counts down, and says the last change to those who listen.
"use strict";

const live = document.getElementById("live");
const link = document.getElementById("link");
const said = document.getElementById("said");
let drawnAt = performance.now();
let busy = false;
let again = false;

function keys() {
  return new Set([...live.querySelectorAll("[data-key]")].map((e) => e.dataset.key));
}

async function draw() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch("live", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = keys();
    live.replaceChildren(...doc.body.childNodes);
    drawnAt = performance.now();
    for (const e of live.querySelectorAll("[data-key]")) e.classList.toggle("new", !before.has(e.dataset.key));
    const last = live.querySelector(".history li span");
    if (last && said.textContent !== last.textContent) said.textContent = last.textContent;
    tick();
  } catch {
    offline();
  }
  busy = false;
  if (again) { again = false; draw(); }
}

function tick() {
  for (const e of live.querySelectorAll("[data-left]")) {
    const left = Math.ceil((Number(e.dataset.left) - (performance.now() - drawnAt)) / 1000);
    if (left <= 0) { e.closest(".card").classList.add("overdue"); e.closest(".until").textContent = "overdue: its deadline has passed"; continue; }
    const h = Math.floor(left / 3600), m = Math.floor(left / 60) % 60, s = left % 60;
    e.textContent = (h ? h + ":" + String(m).padStart(2, "0") : m) + ":" + String(s).padStart(2, "0");
  }
}

function offline() {
  link.className = "link";
  link.textContent = "not connected";
}

const events = new EventSource("events");
events.onmessage = draw;
events.onopen = () => { link.className = "link on"; link.textContent = "live"; };
events.onerror = offline;
setInterval(tick, 500);
