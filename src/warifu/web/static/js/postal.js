// 郵便番号: asks the server for the towns of a code and fills blank address fields; typed text is never overwritten.

export function mayFill(value, filledByUs) {
  return value.trim() === "" || value === filledByUs;
}

function fill(form, town) {
  for (const name of ["prefecture", "city", "street"]) {
    const field = form.elements[name];
    if (field && mayFill(field.value, field.dataset.filled)) {
      field.value = town.dataset[name];
      field.dataset.filled = town.dataset[name];
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

function watch(input) {
  const form = input.form;
  const place = form.querySelector("[data-towns]");
  document.querySelectorAll(".without-script").forEach((part) => { part.hidden = true; });
  const ask = () => {
    const digits = input.value.normalize("NFKC").replace(/[^0-9]/g, "");
    if (digits.length !== 7 || digits === input.dataset.asked) return;
    input.dataset.asked = digits;
    window.htmx.ajax("GET", place.dataset.towns + "?postal_code=" + digits, { target: place, swap: "innerHTML" });
  };
  input.addEventListener("input", ask);
  place.addEventListener("htmx:afterSwap", () => {
    const towns = place.querySelectorAll("[data-town]");
    if (towns.length === 1) fill(form, towns[0]);
  });
  place.addEventListener("click", (event) => {
    const town = event.target.closest("button[data-town]");
    if (town) fill(form, town);
  });
  if (form.elements.city.value === "") ask(); // typed before this script came
}

if (typeof document !== "undefined") document.querySelectorAll("[data-postal]").forEach(watch);
