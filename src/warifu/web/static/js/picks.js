// Counts the people picked in a list, and picks all of the page at once. Without it the list works all the same.
const form = document.getElementById("picks");

if (form) {
  const boxes = [...document.querySelectorAll('input[form="picks"][name="pick"]')];
  const all = form.querySelector("[data-picks-all]");
  const count = form.querySelector("[data-picks-count]");
  const whenNone = count.textContent;
  const words = count.dataset.picksCount;

  const tell = () => {
    const picked = boxes.filter((box) => box.checked).length;
    count.textContent = picked ? words.replace("0", picked) : whenNone;
    const box = all.querySelector("input");
    box.checked = picked === boxes.length;
    box.indeterminate = picked > 0 && picked < boxes.length;
  };

  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes) box.checked = event.target.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}
