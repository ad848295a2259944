// Opens pictures in their place, zooms and turns them, and lets the whole check be done by keys.
// Alt is always held; what was ticked is kept for this tab, so that signing in again on the way loses nothing.
const page = document.querySelector("[data-verification]");
const frames = [...document.querySelectorAll("[data-picture]")];
const memory = `verification:${page?.dataset.verification}`;
let current = null;

const picture = (frame) => frame?.querySelector("img");

const place = (image) => {
  const turned = image.dataset.turned === "1" || image.dataset.turned === "3";
  const zoom = Number(image.dataset.zoom);
  image.style.maxWidth = zoom > 1 ? "none" : "";
  image.style.width = zoom === 1 ? "" : `${zoom * 100}%`;
  image.style.rotate = `${Number(image.dataset.turned) * 90}deg`;
  const spare = turned ? (image.offsetWidth - image.offsetHeight) / 2 : 0;
  image.style.marginBlock = spare > 0 ? `${spare}px` : "";
};

const act = {
  in: (image) => { image.dataset.zoom = String(Math.min(Number(image.dataset.zoom) + 0.5, 4)); },
  out: (image) => { image.dataset.zoom = String(Math.max(Number(image.dataset.zoom) - 0.5, 0.5)); },
  turn: (image) => { image.dataset.turned = String((Number(image.dataset.turned) + 1) % 4); },
};

const use = (tool, frame) => {
  const image = picture(frame);
  if (!image) return;
  current = frame;
  act[tool](image);
  place(image);
};

const open = (frame) => {
  const link = frame.querySelector('[data-part="open"]');
  if (!link || picture(frame)) return;
  current = frame;
  const image = new Image();
  image.alt = link.dataset.alt;
  image.dataset.zoom = "1";
  image.dataset.turned = "0";
  image.draggable = false;
  const wait = frame.querySelector('[data-part="wait"]');
  image.addEventListener("load", () => { wait.replaceWith(image); place(image); });
  image.addEventListener("error", () => { frame.querySelector('[data-part="failed"]').hidden = false; });
  image.src = link.href;
};

const remember = () => {
  const kept = {};
  for (const input of document.querySelectorAll('[form="confirm"][name]')) {
    const value = input.type === "checkbox" ? input.checked : input.value;
    if (value) kept[input.name] = value;
  }
  try { sessionStorage.setItem(memory, JSON.stringify(kept)); } catch { /* the tab forgets, nothing else */ }
};

const recall = () => {
  let kept = {};
  try { kept = JSON.parse(sessionStorage.getItem(memory) ?? "{}"); } catch { return; }
  for (const input of document.querySelectorAll('[form="confirm"][name]')) {
    if (!(input.name in kept)) continue;
    if (input.type === "checkbox") input.checked = kept[input.name];
    else if (!input.value) input.value = kept[input.name];
  }
};

const keys = {
  KeyO: () => { const frame = frames.find((one) => !picture(one)); if (frame) { open(frame); frame.scrollIntoView({ block: "nearest" }); } },
  KeyZ: () => use("in", current),
  KeyX: () => use("out", current),
  KeyR: () => use("turn", current),
  KeyB: () => document.querySelector("[data-send-back]")?.click(),
  KeyN: () => document.querySelector('a[data-key="n"]')?.click(),
  KeyP: () => document.querySelector('a[data-key="p"]')?.click(),
  Enter: () => document.getElementById("confirm")?.requestSubmit(),
};

document.addEventListener("click", (event) => {
  const frame = event.target.closest("[data-picture]");
  if (frame) current = frame;
  const link = event.target.closest('[data-part="open"]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(frame);
  }
  const tool = event.target.closest("[data-tool]");
  if (tool) use(tool.dataset.tool, frame);
  const back = event.target.closest("[data-send-back]");
  const window_ = document.getElementById("send-back");
  if (back && window_) {
    event.preventDefault();
    window_.showModal();
  }
});

document.addEventListener("focusin", (event) => { current = event.target.closest("[data-picture]") ?? current; });

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const item = digit && document.querySelector(`input[data-key="${digit}"]`);
  if (item) {
    event.preventDefault();
    if (item.type === "checkbox") item.click();
    else item.focus();
    return;
  }
  if (event.code in keys) {
    event.preventDefault();
    keys[event.code]();
  }
});

document.addEventListener("change", (event) => { if (event.target.form?.id === "confirm") remember(); });

// What stands against a confirmation appears above, and what was ticked and opened stays as it is.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target?.matches?.("[data-refusal]")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.matches?.("[data-refusal]")) event.detail.target.focus();
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Redirect")?.startsWith("/desk/verification/")) return;
  try { sessionStorage.removeItem(memory); } catch { /* nothing was kept */ }
});
recall();
