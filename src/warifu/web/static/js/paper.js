// Makes the drawn page larger and smaller in its frame.
const view = document.querySelector("[data-paper]");
const button = document.querySelector("[data-zooms]");
if (view && button) {
  button.hidden = false;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const larger = view.dataset.zoom !== "2";
    view.dataset.zoom = larger ? "2" : "1";
    button.setAttribute("aria-pressed", String(larger));
  });
}
