// Opens and closes <dialog> windows. The browser keeps the focus inside and gives it back afterwards.
// <button data-opens="name"> opens <dialog id="name">; <button data-closes> inside closes it without sending.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  if (event.target.closest("[data-closes]")) {
    event.target.closest("dialog")?.close();
  }
});
