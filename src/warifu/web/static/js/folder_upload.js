// Sends files in pieces and goes on where it stopped: after a broken line by itself, after a closed page when the same
// file is chosen again. Without this script the form sends the files as they are.
const zone = document.querySelector("[data-upload]");
const input = zone?.querySelector('input[type="file"]');
const list = document.querySelector("[data-upload-list]");
const token = zone?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const words = zone?.dataset ?? {};
const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
let busy = Promise.resolve();
let left = 0;

const memory = (file) => `folder-upload:${words.upload}:${file.name}:${file.size}:${file.lastModified}`;
const recall = (file) => { try { return localStorage.getItem(memory(file)); } catch { return null; } };
const remember = (file, place) => {
  try { place ? localStorage.setItem(memory(file), place) : localStorage.removeItem(memory(file)); } catch { /* only resuming is lost */ }
};

class Said extends Error {}

async function ask(method, address, headers = {}, body = undefined) {
  const answer = await fetch(address, { method, headers: { "X-CSRFToken": token, ...headers }, body, redirect: "error" });
  if (answer.ok) return answer;
  if (answer.status === 409 && answer.headers.has("Upload-Offset")) return answer;
  const told = await answer.json().catch(() => ({}));
  if (!told.sentence || answer.status === 503) throw new Error(String(answer.status));
  throw new Said(`${told.sentence}${told.remedy}`);
}

async function begin(file) {
  const known = recall(file);
  if (known) {
    try {
      const answer = await ask("HEAD", known);
      return [known, Number(answer.headers.get("Upload-Offset"))];
    } catch { remember(file, null); }
  }
  const headers = { "Upload-Name": encodeURIComponent(file.name), "Upload-Length": String(file.size) };
  const answer = await ask("POST", words.upload, headers);
  const place = answer.headers.get("Location");
  remember(file, place);
  return [place, 0];
}

async function send(file, row) {
  const bar = row.querySelector("progress");
  const state = row.querySelector("[data-state]");
  let [place, at, tries] = [null, 0, 0];
  for (;;) {
    try {
      if (!place) [place, at] = await begin(file);
      bar.value = at;
      state.textContent = words.sending;
      const piece = file.slice(at, at + Number(words.piece));
      const answer = await ask("PATCH", place, { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" }, piece);
      at = Number(answer.headers.get("Upload-Offset"));
      bar.value = at;
      tries = 0;
      if (at >= file.size && answer.ok) {
        remember(file, null);
        state.textContent = words.done;
        row.dataset.look = "done";
        return true;
      }
    } catch (fault) {
      if (fault instanceof Said || tries >= 8) {
        if (fault instanceof Said) remember(file, null);
        state.textContent = fault instanceof Said ? fault.message : words.broken;
        row.dataset.look = "late";
        return false;
      }
      tries += 1;
      place = null;
      state.textContent = words.again;
      await wait(Math.min(2 ** tries, 30));
    }
  }
}

function take(files) {
  for (const file of files) {
    const row = document.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("progress").max = file.size || 1;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    row.querySelector("[data-state]").textContent = words.waits;
    list.append(row);
    left += 1;
    busy = busy.then(() => send(file, row)).then(() => {
      left -= 1;
      if (!left) document.querySelector("[data-upload-after]").hidden = false;
    });
  }
  list.hidden = false;
}

if (zone && input && list) {
  zone.dataset.ready = "";
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.dataset.over = ""; });
  zone.addEventListener("dragleave", () => { delete zone.dataset.over; });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    take([...event.dataTransfer.files]);
  });
  addEventListener("beforeunload", (event) => { if (left) event.preventDefault(); });
}
