// One pair at a time. What is pressed goes into an outbox that outlives the connection: entries stay in it, and are sent
// again, until the server says that it has written them; the server knows each by its event and writes it once.
const AGAIN = 2500; // milliseconds between two tries while something waits
// A desk's name → its outbox, for as long as this tab lives. After a reconnection the desk is mounted anew, for a moment
// beside the old one and perhaps from a second copy of this module: all of them must put into one and the same box.
const boxes = (window.uzorOutboxes ??= new Map());

function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function boxOf(name) {
  if (!boxes.has(name)) {
    const entries = kept(name);
    const gone = new Set(entries.filter((e) => e.kind !== "withdrawn").map((e) => e.pair));
    boxes.set(name, { name, entries, gone, back: [], history: [], taken: new Set(), n: 0, sent: 0 });
  }
  return boxes.get(name);
}

function keep(box) {
  try {
    sessionStorage.setItem(box.name, JSON.stringify(box.entries));
  } catch {
    /* a full or forbidden store: the outbox in memory still holds everything */
  }
}

function send(box, setStateValue) {
  box.n += 1;
  box.sent = Date.now();
  setStateValue("outbox", { n: box.n, entries: box.entries.slice(0, 200) });
}

function event() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function post(box, data, card, said, setStateValue) {
  box.entries.push({
    event: event(), query: card.query, item: card.item, pair: card.pair, wording: card.wording, rater: data.rater,
    set: data.set, ...said,
  });
  keep(box);
  send(box, setStateValue);
}

// What is on the screen stays there until it is judged: the order may change with every label somebody gives, and a key
// must never meet another picture than the one that was looked at.
function queue(box, data) {
  const first = box.card && box.sign === data.sign ? [box.card] : [];
  const all = [...box.back, ...first, ...data.cards].filter((card) => !box.gone.has(card.pair));
  return all.filter((card, at) => all.findIndex((one) => one.pair === card.pair) === at);
}

function undoable(box, data) {
  return box.history[box.history.length - 1] || data.history.find((card) => !box.taken.has(card.pair));
}

function texts(root, data) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = data.words[node.dataset.word] || "";
  root.querySelector("input").placeholder = data.words.comment;
  root.querySelector("input").setAttribute("aria-label", data.words.comment);
}

function picture(frame, card) {
  const image = document.createElement("img");
  image.alt = card.title;
  image.src = card.picture;
  frame.replaceChildren(image);
}

function status(root, box, data) {
  const waiting = box.entries.length;
  const done = data.done + box.entries.filter((e) => e.kind !== "withdrawn").length;
  const all = Math.max(data.total, 1);
  root.querySelector(".bar span").style.width = Math.min(100, (100 * done) / all) + "%";
  root.querySelector(".saved").textContent = data.words.saved.replace("{n}", data.done).replace("{total}", data.total);
  const wait = root.querySelector(".wait");
  wait.textContent = waiting ? data.words.waiting.replace("{n}", waiting) : "";
}

function draw(root, box, data) {
  const [card, ...later] = queue(box, data);
  box.card = card;
  box.sign = data.sign;
  const desk = root.querySelector(".d");
  const none = root.querySelector(".none");
  desk.hidden = !card;
  none.hidden = Boolean(card);
  for (const undo of root.querySelectorAll("button.undo")) undo.disabled = !undoable(box, data);
  root.querySelector(".empty").textContent = data.left > 0 ? data.words.loading : data.words.nothing;
  status(root, box, data);
  // Where a picture asks it stands beside the one that is judged; its name is only a name then.
  const asks = Boolean(card && card.asked);
  desk.classList.toggle("two", asks);
  root.querySelector(".ask").hidden = root.querySelector(".shown").hidden = !asks;
  root.querySelector('.say [data-word="query"]').textContent = asks ? data.words.named : data.words.query;
  if (!card || desk.dataset.pair === card.pair + data.lang) return;
  desk.dataset.pair = card.pair + data.lang;
  root.querySelector(".q").textContent = card.text;
  root.querySelector(".t").textContent = card.title;
  root.querySelector(".a").textContent = card.about;
  root.querySelector(".b").textContent = card.description;
  picture(root.querySelector(".pic"), card);
  if (asks) picture(root.querySelector(".from"), { title: card.text, picture: card.asked });
  root.querySelector(".next").replaceChildren(
    ...later.slice(0, 5).map((one) => {
      const image = document.createElement("img");
      image.src = one.picture;
      image.alt = "";
      return image;
    }),
  );
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".j");
  const box = boxOf("uzor-outbox:" + data.set + ":" + data.rater);
  const acked = new Set(data.acked);
  const before = box.entries.length;
  box.entries = box.entries.filter((entry) => !acked.has(entry.event));
  if (box.entries.length !== before) keep(box);
  texts(root, data);
  draw(root, box, data);
  if (root.rater !== data.rater) {
    root.rater = data.rater; // who has just written a name goes on with the keys, not in the field
    if (/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName || "")) document.activeElement.blur();
  }

  function grade(said) {
    const card = queue(box, data)[0];
    if (!card) return;
    const comment = root.querySelector("input");
    box.gone.add(card.pair);
    box.back = box.back.filter((one) => one.pair !== card.pair);
    box.history.push(card);
    post(box, data, card, { ...said, comment: comment.value.trim() }, setStateValue);
    comment.value = "";
    draw(root, box, data);
  }

  function undo() {
    const card = undoable(box, data);
    if (!card) return;
    box.history = box.history.filter((one) => one.pair !== card.pair);
    box.taken.add(card.pair);
    box.gone.delete(card.pair);
    box.back.unshift(card);
    post(box, data, card, { kind: "withdrawn", grade: null, comment: "" }, setStateValue);
    draw(root, box, data);
  }

  const doing = {
    g0: () => grade({ kind: "grade", grade: 0 }),
    g1: () => grade({ kind: "grade", grade: 1 }),
    g2: () => grade({ kind: "grade", grade: 2 }),
    unsure: () => grade({ kind: "unsure", grade: null }),
    undo,
  };
  const KEYS = {
    Digit0: "g0", Numpad0: "g0", Digit1: "g1", Numpad1: "g1", Digit2: "g2", Numpad2: "g2",
    KeyX: "unsure", KeyU: "undo", Backspace: "undo",
  };
  root.onclick = (click) => {
    const button = click.target.closest("button");
    if (button && doing[button.dataset.do]) doing[button.dataset.do]();
  };
  root.querySelector("input").onkeydown = (press) => {
    press.stopPropagation();
    if (press.key === "Enter" || press.key === "Escape") press.target.blur();
  };
  const pressed = (press) => {
    const at = press.composedPath()[0];
    const typing = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName || "") || at.isContentEditable);
    if (!root.isConnected || typing || press.ctrlKey || press.metaKey || press.altKey || press.repeat) return;
    if (press.code === "KeyC") {
      press.preventDefault();
      press.stopPropagation();
      root.querySelector("input").focus();
      return;
    }
    const what = doing[KEYS[press.code]];
    if (!what) return;
    press.preventDefault();
    press.stopImmediatePropagation(); // one key is one judgment, also while two desks are mounted
    what();
  };
  if (root.pressed) document.removeEventListener("keydown", root.pressed, true);
  root.pressed = pressed;
  document.addEventListener("keydown", pressed, true);
  if (root.timer) clearInterval(root.timer);
  root.timer = setInterval(() => {
    if (box.entries.length && Date.now() - box.sent > AGAIN) send(box, setStateValue);
  }, 500);
  return () => {
    document.removeEventListener("keydown", root.pressed, true);
    clearInterval(root.timer);
  };
}
