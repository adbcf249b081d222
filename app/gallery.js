const SIGNS = { hit: "\u2713", miss: "\u2717", unjudged: "?" };

function part(name, text, parent) {
  const node = document.createElement("span");
  node.className = name;
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function picture(card, button) {
  const frame = part("p", undefined, button);
  const image = document.createElement("img");
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = "";
  image.onerror = () => frame.classList.add("broken");
  part("x", "\u2014", frame);
  image.src = card.picture;
  frame.appendChild(image);
}

function foot(card, words, button) {
  if (!card.rank && !card.score && !card.mark && !card.change && !card.copies) return;
  const row = part("r", undefined, button);
  part("n", card.rank, row);
  if (card.change) part("d " + card.state, card.change, row).title = words[card.state] || "";
  if (card.mark) {
    const mark = part("m " + card.mark, undefined, row);
    mark.title = words[card.mark];
    part("i", SIGNS[card.mark], mark).setAttribute("aria-hidden", "true");
  }
  if (card.copies) part("d", card.copies, row).title = words.copies;
  part("s", card.score, row);
}

function drawn(card, data) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "c";
  button.dataset.id = card.id;
  button.setAttribute("aria-pressed", String(card.id === data.picked));
  const copies = card.copies && card.copies + " " + data.words.copies;
  const said = [card.rank, card.title, card.about, card.score, data.words[card.mark], data.words[card.state], copies];
  button.setAttribute("aria-label", said.filter(Boolean).join(", "));
  button.title = card.title;
  picture(card, button);
  part("t", card.title, button);
  part("a", card.about, button);
  foot(card, data.words, button);
  return button;
}

function filled(grid, data) {
  const state = JSON.stringify(data);
  if (grid.dataset.state === state) return;
  grid.dataset.state = state;
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--wide", data.wide + "px");
  const stop = Math.max(0, data.cards.findIndex((card) => card.id === data.picked));
  grid.replaceChildren(...data.cards.map((card) => drawn(card, data)));
  [...grid.children].forEach((button, i) => { button.tabIndex = i === stop ? 0 : -1; });
}

function target(grid, at, key) {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return grid.children.length - 1;
  return step === undefined ? undefined : Math.min(grid.children.length - 1, Math.max(0, at + step));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".g");
  filled(grid, data);
  grid.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) setTriggerValue("picked", button.dataset.id);
  };
  grid.onkeydown = (event) => {
    const at = [...grid.children].indexOf(event.target.closest("button"));
    const next = at < 0 ? undefined : target(grid, at, event.key);
    if (next === undefined) return;
    event.preventDefault();
    grid.children[at].tabIndex = -1;
    grid.children[next].tabIndex = 0;
    grid.children[next].focus();
  };
}
