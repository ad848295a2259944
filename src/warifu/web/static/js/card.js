// The card on a page (docs/flows/card.md). <form data-card="sign-in" data-challenge="…"> asks the server for its
// question, the extension for the card's answer, and sends the form with it. <section data-card="pull" data-state="…">
// waits until the tool has carried out the code on the page. All words stand hidden in the page as [data-says].
const PATIENCE = 1000;
// After how many milliseconds an answer that does not come is asked for anew.
const STALLED = 8000;
const OWN_WORDS = {
  "WF-K620": "renewed", "WF-K621": "halted", "WF-K622": "tool", "WF-K623": "halted", "WF-K624": "open", "WF-S698": "stopped",
};

function say(place, what, fault) {
  for (const line of place.querySelectorAll("[data-says]")) line.hidden = line.dataset.says !== what;
  if (!fault) return;
  const part = (name) => place.querySelector(`[data-says="${what}"] [data-fill="${name}"]`);
  for (const name of ["sentence", "remedy"]) if (part(name)) part(name).textContent = fault[name];
  const code = part("code");
  if (!code) return;
  code.textContent = fault.known_code ? `${fault.code} (${fault.known_code})` : fault.code;
  if (code.dataset.articles) code.href = `${code.dataset.articles}${encodeURIComponent(fault.code)}/`;
}

function asked(words, { until, within }) {
  return new Promise((resolve) => {
    const end = (answer) => {
      window.removeEventListener("message", hear);
      clearTimeout(timer);
      resolve(answer);
    };
    const hear = ({ source, origin, data }) => {
      if (source === window && origin === location.origin && data?.warifu === "card-answer" && until(data)) end(data);
    };
    const timer = within ? setTimeout(end, within, null) : 0;
    window.addEventListener("message", hear);
    window.postMessage({ warifu: "card", ...words }, location.origin);
  });
}

async function question(form) {
  const reply = await fetch(form.dataset.challenge, {
    method: "POST",
    body: new FormData(form),
    redirect: "manual",
    credentials: "same-origin",
  });
  if (reply.type === "opaqueredirect") return location.reload();
  const answer = await reply.json();
  return reply.ok ? answer : { fault: answer };
}

async function signIn(form) {
  say(form, "");
  const there = await asked({ command: "hello" }, { until: ({ command }) => command === "hello", within: PATIENCE });
  if (!there) return say(form, "missing");
  const given = await question(form);
  if (!given) return;
  if (given.fault) return say(form, "failed", given.fault);
  const { challenge: id, nonce, purpose } = given;
  say(form, "insert");
  const answer = await asked({ command: "authenticate", id, nonce, purpose }, {
    until: (data) => {
      if (data.id !== id) return false;
      if (data.command === "progress") say(form, data.step);
      return data.command === "authenticate";
    },
  });
  if (answer.fault) return say(form, OWN_WORDS[answer.fault.code] ?? "failed", answer.fault);
  form.elements.challenge.value = id;
  form.elements.token.value = answer.token;
  say(form, "done");
  form.submit();
}

for (const form of document.querySelectorAll('form[data-card="sign-in"]')) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      await signIn(form);
    } catch {
      say(form, "broken");
    }
    button.removeAttribute("aria-busy");
  });
}

for (const place of document.querySelectorAll('[data-card="pull"]')) {
  const look = async () => {
    try {
      const reply = await fetch(place.dataset.state, {
        redirect: "manual", credentials: "same-origin", headers: { "X-Background": "1" },
        signal: AbortSignal.timeout?.(STALLED),
      });
      if (reply.type === "opaqueredirect" || reply.status === 404) return location.reload();
      const { state } = await reply.json();
      if (state === "done" || state === "failed") return location.reload();
      say(place, state);
      if (state === "over") return;
    } catch {
      say(place, "offline");
    }
    setTimeout(look, PATIENCE);
  };
  look();
}
