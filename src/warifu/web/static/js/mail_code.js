// The page that waits for a mailed code: how long it lives, and from when on another can be asked for.
const since = performance.now();
const passed = () => Math.floor((performance.now() - since) / 1000);
const timer = document.querySelector("[data-left]");
const over = document.querySelector("[data-over]");
const button = document.querySelector("[data-wait]");
const wait = document.querySelector("[data-wait-words]");

function show() {
  const left = Math.max(0, Number(timer.dataset.left) - passed());
  const [m, s] = [Math.floor(left / 60), left % 60];
  timer.textContent = left ? timer.dataset.words.replace("{m}", m).replace("{s}", s) : "";
  if (!left) over.hidden = false;
  const waits = Math.max(0, Number(button.dataset.wait) - passed());
  button.disabled = waits > 0;
  wait.textContent = waits ? wait.dataset.waitWords.replace("{s}", waits) : "";
}

if (timer && button) {
  show();
  setInterval(show, 1000);
}
