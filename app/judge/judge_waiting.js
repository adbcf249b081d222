// What this tab's outboxes still hold for other desks than the one on the screen: told to the server, and what the
// server has written already is taken out of them.
const START = "uzor-outbox:";
const EVERY = 1000; // milliseconds

function stored(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function held() {
  const boxes = new Map();
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(START)) boxes.set(name, stored(name));
  } catch {
    /* no store: only what is in memory */
  }
  for (const [name, box] of window.uzorOutboxes ?? []) boxes.set(name, box.entries);
  return boxes;
}

function drop(name, written) {
  const left = (entries) => entries.filter((entry) => !written.has(entry.event));
  const box = (window.uzorOutboxes ?? new Map()).get(name);
  if (box) box.entries = left(box.entries);
  try {
    sessionStorage.setItem(name, JSON.stringify(box ? box.entries : left(stored(name))));
  } catch {
    /* it stays in the store and is recognised by its event */
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".w");
  const written = new Set(data.written);
  const look = () => {
    const found = [];
    for (const [name, entries] of held()) {
      if (name === START + data.set + ":" + data.rater || !Array.isArray(entries)) continue;
      if (entries.some((entry) => written.has(entry.event))) drop(name, written);
      const left = entries.filter((entry) => !written.has(entry.event));
      if (left.length) {
        const events = left.map((entry) => entry.event);
        found.push({ set: left[0].set, rater: left[0].rater, n: left.length, events: events.slice(0, 200) });
      }
    }
    const said = JSON.stringify(found);
    if (said === (root.said ?? (data.told ? "" : "[]"))) return;
    root.said = said;
    setStateValue("waiting", found);
  };
  if (root.timer) clearInterval(root.timer);
  root.timer = setInterval(look, EVERY);
  look();
  return () => clearInterval(root.timer);
}
