// A picture with a frame drawn over it by mouse, finger or keys; the part inside is what is searched for. A picture
// that is pasted anywhere on the page comes here too: it is drawn small before it travels.
const LEAST = 0.03; // share of a side
const PASTED = 1600; // pixels of the longer side a pasted picture travels with

const clip = (value) => Math.min(1, Math.max(0, value));

function read(text) {
  const parts = (text || "").split(",").map(Number);
  return parts.length === 4 && parts.every(Number.isFinite) ? parts : null;
}

function written(box) {
  return box ? box.map((value) => value.toFixed(4)).join(",") : "";
}

function draw(root) {
  const frame = root.querySelector(".f");
  const box = root.box;
  frame.hidden = !box;
  root.querySelector(".w").classList.toggle("cut", Boolean(box));
  if (!box) return;
  const [left, top, right, bottom] = box;
  Object.assign(frame.style, {
    left: left * 100 + "%", top: top * 100 + "%", width: (right - left) * 100 + "%", height: (bottom - top) * 100 + "%",
  });
}

function ordered([left, top, right, bottom]) {
  return [Math.min(left, right), Math.min(top, bottom), Math.max(left, right), Math.max(top, bottom)].map(clip);
}

function moved([left, top, right, bottom], x, y) {
  const dx = Math.min(1 - right, Math.max(-left, x));
  const dy = Math.min(1 - bottom, Math.max(-top, y));
  return [left + dx, top + dy, right + dx, bottom + dy];
}

function at(root, event) {
  const area = root.querySelector("img").getBoundingClientRect();
  return [clip((event.clientX - area.left) / area.width), clip((event.clientY - area.top) / area.height)];
}

// What a press begins: pulling a corner, moving the frame, or drawing a new one.
function begun(root, event) {
  const [x, y] = at(root, event);
  const corner = event.target.dataset?.corner;
  if (corner && root.box) {
    const [left, top, right, bottom] = root.box;
    const fixed = [corner.includes("l") ? right : left, corner.includes("t") ? bottom : top];
    return (point) => ordered([...fixed, ...point]);
  }
  if (event.target.classList.contains("f") && root.box) {
    const from = root.box;
    return (point) => moved(from, point[0] - x, point[1] - y);
  }
  return (point) => ordered([x, y, ...point]);
}

function pointers(root, tell) {
  const stage = root.querySelector(".w");
  stage.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    root.querySelector(".w").focus({ preventScroll: true });
    const pull = begun(root, event);
    const before = root.box;
    stage.setPointerCapture(event.pointerId);
    stage.onpointermove = (next) => {
      root.box = pull(at(root, next));
      draw(root);
    };
    stage.onpointerup = stage.onpointercancel = () => {
      stage.onpointermove = stage.onpointerup = stage.onpointercancel = null;
      const box = root.box;
      if (box && (box[2] - box[0] < LEAST || box[3] - box[1] < LEAST)) root.box = before;
      draw(root);
      if (written(root.box) !== written(before)) tell();
    };
  };
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function keys(root, tell) {
  root.querySelector(".w").onkeydown = (event) => {
    const step = STEPS[event.key];
    if (event.key === "Escape" && root.box) root.box = null;
    else if (!step) return;
    else {
      const [x, y] = step.map((value) => value * 0.02);
      const box = root.box || [0.25, 0.25, 0.75, 0.75];
      const pulled = ordered([box[0], box[1], Math.max(box[0] + LEAST, box[2] + x), Math.max(box[1] + LEAST, box[3] + y)]);
      root.box = event.shiftKey ? pulled : moved(box, x, y);
    }
    event.preventDefault();
    draw(root);
    clearTimeout(root.later);
    root.later = setTimeout(tell, 500);
  };
}

async function small(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, PASTED / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".k");
  const tell = () => setTriggerValue("box", written(root.box) || "whole");
  const image = root.querySelector("img");
  root.querySelector(".w").hidden = !data.picture;
  root.querySelector(".w").setAttribute("aria-label", data.words.label);
  root.querySelector(".h").textContent = data.picture ? data.words.hint : data.words.paste;
  image.alt = data.words.alt;
  if (data.picture && image.getAttribute("src") !== data.picture) image.src = data.picture;
  if (root.said !== data.sign) {
    root.said = data.sign; // the server's frame is newer than the one on the screen
    root.box = read(data.box);
  }
  draw(root);
  pointers(root, tell);
  keys(root, tell);
  const pasted = async (event) => {
    const file = [...(event.clipboardData?.files || [])].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    try {
      setTriggerValue("pasted", await small(file));
    } catch {
      setTriggerValue("pasted", "damaged");
    }
  };
  document.addEventListener("paste", pasted);
  return () => document.removeEventListener("paste", pasted);
}
