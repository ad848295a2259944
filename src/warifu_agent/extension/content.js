// Stands between a page of a configured installation and the extension. Top frame only, the page's own window only.
// What a page may ask is listed in docs/flows/card.md; its idea of its own origin is not asked.
const VERSION = "1";
const LONGEST = 4096;
const ours = (data) => data !== null && typeof data === "object" && data.warifu === "card";
const text = (value) => typeof value === "string" && value.length > 0 && value.length <= LONGEST;

function tell(answer) {
  window.postMessage({ warifu: "card-answer", ...answer }, location.origin);
}

function authenticate({ id, nonce, purpose }) {
  if (![id, nonce, purpose].every(text)) return;
  const language = document.documentElement.lang.startsWith("en") ? "en" : "ja";
  const about = { command: "authenticate", id };
  let isOver = false;
  const end = (answer) => {
    if (!isOver) tell({ ...about, ...answer });
    isOver = true;
  };
  let port;
  try {
    port = chrome.runtime.connect({ name: "card" });
  } catch {
    end({ fault: { code: "WF-K620", sentence: "", remedy: "" } });
    return;
  }
  port.onMessage.addListener((answer) => {
    if (answer.progress) tell({ command: "progress", id, step: answer.progress });
    else end(answer.token ? { token: answer.token } : { fault: answer.fault });
  });
  port.onDisconnect.addListener(() => end({ fault: { code: "WF-K621", sentence: "", remedy: "" } }));
  port.postMessage({ nonce, purpose, language });
}

if (window === window.top) {
  window.addEventListener("message", (event) => {
    if (event.source !== window || event.origin !== location.origin || !ours(event.data)) return;
    if (event.data.command === "hello") tell({ command: "hello", version: VERSION });
    if (event.data.command === "authenticate") authenticate(event.data);
  });
}
