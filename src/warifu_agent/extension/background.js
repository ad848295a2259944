// Hands a question of a page on to the program on this computer, with the origin that the browser states.
const HOST = "io.warifu.agent";
const LOOPBACK = ["localhost", "127.0.0.1"];
const asking = new Set();

function originOf(sender) {
  if (sender.id !== chrome.runtime.id || sender.frameId !== 0 || !sender.tab || !sender.url) return null;
  const { origin, protocol, hostname } = new URL(sender.url);
  if (sender.origin !== undefined && sender.origin !== origin) return null;
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname)) ? origin : null;
}

function answer(page, words) {
  try {
    page.postMessage(words);
  } catch {
    // the page has gone; nobody waits for the answer
  }
}

function ask(page, origin, { nonce, purpose, language }) {
  const host = chrome.runtime.connectNative(HOST);
  let isOver = false;
  const end = (words) => {
    if (isOver) return;
    isOver = true;
    asking.delete(page.sender.tab.id);
    answer(page, words);
    host.disconnect();
  };
  host.onMessage.addListener((words) => (words.progress ? answer(page, words) : end(words)));
  host.onDisconnect.addListener(() => {
    const why = host.error?.message ?? chrome.runtime.lastError?.message ?? "";
    end({ fault: { code: /not found|forbidden|No such/i.test(why) ? "WF-K622" : "WF-K623", sentence: "", remedy: "" } });
  });
  page.onDisconnect.addListener(() => end({}));
  host.postMessage({ command: "authenticate", nonce, purpose, origin, language });
}

chrome.runtime.onConnect.addListener((page) => {
  const origin = originOf(page.sender);
  if (page.name !== "card" || origin === null) return page.disconnect();
  page.onMessage.addListener((words) => {
    const tab = page.sender.tab.id;
    if (asking.has(tab)) return answer(page, { fault: { code: "WF-K624", sentence: "", remedy: "" } });
    asking.add(tab);
    ask(page, origin, words);
  });
});
