// 写真の画面: preview, coach, masking and sending with progress. Without script the form works as plain upload.

import { ADVICE, judge, measure } from "./coach.js";
import { Masking } from "./masking.js";

const LOOK_SIDE = 640; // the coach looks at a small copy
const SEND_SIDE = 3000; // what is painted over or converted is sent at this size at most
const TAKEN = ["image/jpeg", "image/png"];

function scaled(picture, side) {
  const share = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function asJpeg(canvas) {
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}

class Page {
  constructor(form) {
    this.form = form;
    this.find = (what) => form.querySelector(what);
    this.words = ADVICE[document.documentElement.lang] || ADVICE.ja;
    this.send = document.querySelector("[data-send]");
    this.blob = null;
    this.masking = new Masking(this.find("canvas"), (count) => {
      const line = this.find("[data-mask-words]");
      line.textContent = line.dataset.word + count;
    });
    form.querySelectorAll("input[type=file]").forEach((input) =>
      input.addEventListener("change", () => input.files[0] && this.take(input.files[0])));
    this.find("[data-again]").addEventListener("click", () => this.again());
    this.find("[data-mask-open]").addEventListener("click", () => this.openMasking());
    this.find("[data-mask-undo]").addEventListener("click", () => this.masking.undo());
    this.find("[data-mask-done]").addEventListener("click", () => this.closeMasking());
    form.addEventListener("submit", (event) => this.submit(event));
    this.send.hidden = true;
    form.dataset.ready = "";
  }

  async take(file) {
    this.blob = file;
    this.send.hidden = false;
    try {
      this.picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return; // not readable here: the server will say what is the matter
    }
    if (!TAKEN.includes(file.type)) this.blob = await asJpeg(scaled(this.picture, SEND_SIDE));
    this.show(this.blob);
    this.look(scaled(this.picture, LOOK_SIDE), this.picture);
  }

  show(blob) {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(blob);
    this.find("[data-preview]").src = this.address;
    this.find("[data-picker]").hidden = true;
    this.find("[data-look]").hidden = false;
  }

  look(small, original) {
    const pixels = small.getContext("2d").getImageData(0, 0, small.width, small.height);
    const { checks, advice } = judge(measure(pixels, original));
    for (const [name, isGood] of Object.entries(checks)) {
      const line = this.find(`[data-check=${name}]`);
      line.className = isGood ? "good" : "bad";
      const use = line.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isGood ? "#check" : "#alert"));
    }
    const banner = this.find("[data-advice]");
    banner.className = advice ? "notice notice-heed" : "notice notice-done";
    const [title, words] = banner.querySelectorAll("p");
    title.textContent = advice ? this.words[advice][0] : banner.dataset.good;
    words.textContent = advice ? `${this.words[advice][1]} ${this.words.anyway}` : this.words.fine;
  }

  again() {
    this.form.querySelectorAll("input[type=file]").forEach((input) => { input.value = ""; });
    this.blob = null;
    this.send.hidden = true;
    this.find("[data-look]").hidden = true;
    this.find("[data-masking]").hidden = true;
    this.find("[data-picker]").hidden = false;
    this.find("[data-picker] input").focus();
  }

  openMasking() {
    this.masking.open(scaled(this.picture, SEND_SIDE));
    this.find("[data-look]").hidden = true;
    this.find("[data-masking]").hidden = false;
    this.send.hidden = true;
    this.find("canvas").focus();
  }

  async closeMasking() {
    if (this.masking.boxes.length) {
      const painted = this.masking.result();
      this.blob = await asJpeg(painted);
      this.picture = painted;
      const tick = this.find("[name=is_masked]");
      if (tick) tick.checked = true;
      this.show(this.blob);
      this.look(scaled(painted, LOOK_SIDE), painted);
    }
    this.find("[data-masking]").hidden = true;
    this.find("[data-look]").hidden = false;
    this.send.hidden = false;
  }

  submit(event) {
    if (!this.blob) return;
    event.preventDefault();
    const data = new FormData(this.form);
    data.delete("stored");
    data.set("picture", this.blob, "picture");
    const request = new XMLHttpRequest(); // fetch cannot tell how much was sent
    const bar = this.find("progress");
    bar.hidden = false;
    this.send.disabled = true;
    request.upload.addEventListener("progress", (sent) => { bar.value = (100 * sent.loaded) / sent.total; });
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.failed(""));
    request.open("POST", location.href);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  }

  answered(request) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      if (request.responseURL && request.responseURL !== location.href) location.assign(request.responseURL);
    }
    if (answer.next) location.assign(answer.next);
    else this.failed(answer.words || "");
  }

  failed(words) {
    this.find("progress").hidden = true;
    this.send.disabled = false;
    const place = document.getElementById("problem");
    const notice = document.createElement("div");
    notice.className = "notice notice-late";
    const title = document.createElement("p");
    title.className = "notice-title";
    title.textContent = words || this.form.dataset.offline;
    notice.append(title);
    place.replaceChildren(notice);
    place.scrollIntoView();
  }
}

document.querySelectorAll("form[data-picture]").forEach((form) => new Page(form));
