// Copies a text of the page, or saves it as a file; the buttons are hidden where there is no script.
// <button data-copies="id" data-done="…">, <button data-saves="id" data-file="….txt">.
const lines = (id) => {
  const place = document.getElementById(id);
  const items = [...place.querySelectorAll("li")];
  return items.length ? items.map((item) => item.textContent.trim()).join("\r\n") : place.textContent.trim();
};

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(lines(button.dataset.copies));
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("[data-saves]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines(button.dataset.saves)}\r\n`], { type: "text/plain" }));
    link.download = button.dataset.file;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
