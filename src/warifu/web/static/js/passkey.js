// Passkeys: asks the server for its question, the browser for the answer, and sends the form with it.
// <form data-passkey="get" data-options="…"> signs in or proves; data-passkey="create" registers. The words that may
// be needed stand hidden in the form as [data-says].
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((known) => ({ ...known, id: bytes(known.id) }));

function asked(options) {
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) ready.allowCredentials = named(options.allowCredentials);
  if (options.excludeCredentials) ready.excludeCredentials = named(options.excludeCredentials);
  return ready;
}

function answered(credential) {
  const given = credential.response;
  const parts = { clientDataJSON: text(given.clientDataJSON) };
  if (given.attestationObject) {
    parts.attestationObject = text(given.attestationObject);
    parts.transports = given.getTransports?.() ?? [];
  } else {
    parts.authenticatorData = text(given.authenticatorData);
    parts.signature = text(given.signature);
    if (given.userHandle) parts.userHandle = text(given.userHandle);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts };
}

function say(form, what, words = "") {
  for (const line of form.querySelectorAll("[data-says]")) {
    line.hidden = line.dataset.says !== what;
    if (!line.hidden && words) line.textContent = words;
  }
}

async function answer(form) {
  const reply = await fetch(form.dataset.options, {
    method: "POST",
    body: new FormData(form),
    redirect: "manual",
    credentials: "same-origin",
  });
  if (reply.type === "opaqueredirect") return location.reload();
  const options = await reply.json();
  if (!reply.ok) return say(form, "failed", `${options.sentence} ${options.remedy}`);
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: asked(options) });
  form.elements.answer.value = JSON.stringify(answered(credential));
  form.submit();
}

const CASES = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(form, "");
    if (!window.PublicKeyCredential) {
      say(form, "unsupported");
      return;
    }
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    try {
      await answer(form);
    } catch (error) {
      say(form, CASES[error.name] ?? "broken");
    }
    button.removeAttribute("aria-busy");
  });
}
