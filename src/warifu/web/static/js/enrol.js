// 電子証明書の取得: the key is made in this browser, the server signs the request, the .p12 is put together here.
// Neither the key nor the file's password leaves the page.

import { newKey, request } from "./pkcs10.js";
import { file } from "./pkcs12.js";

export const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXY3456789"; // no look-alikes; as the house's other secrets
const SPOKEN = ("エー ビー シー ディー イー エフ ジー エイチ ジェイ ケー エル エム エヌ ピー キュー アール エス ティー ユー "
  + "ブイ ダブリュー エックス ワイ さん よん ご ろく なな はち きゅう").split(" ");
const GROUPS = 6;
const SHORTEST = 12;

export function generated() {
  const signs = [];
  while (signs.length < 4 * GROUPS) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 240) signs.push(ALPHABET[byte % ALPHABET.length]); // 240 is eight times thirty: no sign comes oftener
  }
  return signs.join("").match(/.{4}/g).join("-");
}

export function readAloud(password) {
  const spoken = (sign) => SPOKEN[ALPHABET.indexOf(sign)];
  return password.split("-").map((group) => [...group].map(spoken).join("・")).join("、");
}

export const isFit = (password) => password.length >= SHORTEST && /^[\x20-\x7e]+$/.test(password);

const toText = (bytes) => btoa(String.fromCharCode(...bytes));
const toBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

class Refusal extends Error {}

async function signed(form, csr) {
  const content = new FormData(form);
  content.delete("password_way");
  content.set("csr", toText(csr));
  const answer = await fetch(form.action, { method: "POST", body: content, redirect: "manual" });
  if (answer.type === "opaqueredirect") throw new Refusal("over");
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Refusal("refused"), { words: `${found.sentence} ${found.remedy}` });
  return { certificate: toBytes(found.certificate), chain: found.chain.map(toBytes), serial: found.serial };
}

async function obtained(form, password) {
  const name = form.elements.issued_to.value.trim();
  const pair = await newKey();
  const made = await signed(form, await request(pair, name));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const content = await file({ key, certificate: made.certificate, chain: made.chain, name, password });
  key.fill(0);
  return { content, fileName: `warifu-${made.serial.slice(-8).toLowerCase()}.p12` };
}

// The row of steps: the first is done, the second is where we are.
function goOn() {
  const [first, second] = document.querySelectorAll(".stepper li");
  first.className = "past";
  first.removeAttribute("aria-current");
  second.setAttribute("aria-current", "step");
}

function start(form) {
  const part = (name) => document.querySelector(`[data-enrol-${name}]`);
  const own = document.getElementById("own-password");
  const isOwn = () => form.elements.password_way.value === "own";
  const show = (name, isShown) => { part(name).hidden = !isShown; };

  if (!window.isSecureContext || !crypto.subtle) {
    show("unsafe", true);
    return;
  }
  form.hidden = false;
  form.addEventListener("change", () => show("own", isOwn()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const password = isOwn() ? own.value : generated();
    show("own-wrong", !isFit(password));
    show("fault", false);
    if (!isFit(password)) {
      own.focus();
      return;
    }
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    show("busy", true);
    try {
      const { content, fileName } = await obtained(form, password);
      const link = part("file");
      link.href = URL.createObjectURL(new Blob([content], { type: "application/x-pkcs12" }));
      link.download = fileName;
      show("made", !isOwn());
      if (!isOwn()) {
        document.getElementById("file-password").textContent = password;
        part("spoken").textContent = document.documentElement.lang.startsWith("ja") ? readAloud(password) : "";
      }
      own.value = "";
      form.hidden = true;
      goOn();
      show("done", true);
      part("done").focus();
    } catch (fault) {
      part("words").textContent = fault.words || "";
      show("over", fault.message === "over");
      show("broken", !(fault instanceof Refusal));
      show("fault", true);
      button.disabled = false;
    } finally {
      show("busy", false);
    }
  });
}

const form = globalThis.document?.querySelector("[data-enrol]");
if (form) start(form);
