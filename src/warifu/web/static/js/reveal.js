// Hides a shown number after its seconds, on leaving the tab or window, and when another one is shown (S-07).
// The number is taken out of the page, not only out of sight.
const covered = new Map();
let shown = null;
let timer = 0;

const keep = (area) => {
  if (!covered.has(area.id)) covered.set(area.id, area.innerHTML);
};

const hide = () => {
  if (!shown) return;
  const area = shown;
  shown = null;
  clearInterval(timer);
  const before = covered.get(area.id);
  if (before === undefined) {
    location.replace(location.pathname);
    area.replaceChildren();
    return;
  }
  area.innerHTML = before;
  window.htmx?.process(area);
};

const count = (area) => {
  const number = area.querySelector("[data-shown]");
  if (!number) return;
  if (shown && shown !== area) hide();
  shown = area;
  const seconds = area.querySelector('[data-part="seconds"]');
  const endsAt = Date.now() + Number(number.dataset.seconds) * 1000;
  clearInterval(timer);
  timer = setInterval(() => {
    const left = Math.ceil((endsAt - Date.now()) / 1000);
    if (seconds) seconds.textContent = String(Math.max(left, 0));
    if (left <= 0) hide();
  }, 250);
  number.querySelector("[data-hide]")?.focus({ preventScroll: true });
};

for (const area of document.querySelectorAll("[data-number]")) {
  if (area.querySelector("[data-shown]")) count(area);
  else keep(area);
}

// A refusal comes with its own words; they belong where the number would have stood.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.matches?.("[data-number]")) {
    if (document.hidden) { event.detail.shouldSwap = false; return; }
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.matches?.("[data-number]")) count(event.detail.target);
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-hide]")) hide(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) hide(); });
window.addEventListener("blur", hide);
window.addEventListener("pagehide", hide);
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.code !== "KeyS") return;
  event.preventDefault();
  if (shown) hide();
  else document.querySelector("[data-reveal]")?.click();
});
