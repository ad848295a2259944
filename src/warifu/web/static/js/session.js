// Warns before the automatic sign-out. One key extends; what was typed stays, except numbers and passwords.
const guard = document.getElementById("session-guard");
const LEAD = 5 * 60 * 1000;
const LOOK_EVERY = 5 * 1000;

if (guard) {
  const warning = guard.querySelector('[data-part="warning"]');
  const over = guard.querySelector('[data-part="over"]');
  const minutes = guard.querySelector("[data-minutes]");
  let endsAt = Date.now() + Number(guard.dataset.seconds) * 1000;
  let isAsking = false;

  const ask = async (address, options = {}) => {
    const answer = await fetch(address, { redirect: "manual", credentials: "same-origin", ...options });
    if (!answer.ok) return false;
    endsAt = Date.now() + (await answer.json()).seconds * 1000;
    return true;
  };

  const show = (part) => {
    const shown = part === warning ? over : warning;
    shown.hidden = true;
    part.hidden = false;
    if (!guard.open) guard.showModal();
  };

  const close = () => { if (guard.open) guard.close(); };

  const forgetSecrets = () => {
    for (const input of document.querySelectorAll('input[type="password"], input[data-secret]')) input.value = "";
  };

  // Another window may have prolonged the session, or ended it: only the server knows.
  const look = async () => {
    const left = endsAt - Date.now();
    if (isAsking || left > LEAD) return;
    isAsking = true;
    try {
      const lives = await ask(guard.dataset.state, { headers: { "X-Background": "1" } });
      const remaining = endsAt - Date.now();
      if (lives && remaining > LEAD) {
        close();
      } else if (lives && remaining > 0) {
        const words = String(Math.ceil(remaining / 60000));
        if (minutes.textContent !== words) minutes.textContent = words;
        if (warning.hidden || !guard.open) show(warning);
      } else if (over.hidden) {
        forgetSecrets();
        show(over);
      }
    } catch {
      // no network: try again at the next look
    } finally {
      isAsking = false;
    }
  };

  warning.addEventListener("submit", async (event) => {
    event.preventDefault();
    const lives = await ask(guard.dataset.extend, { method: "POST", body: new FormData(warning) }).catch(() => false);
    if (lives) close();
    else show(over);
  });
  guard.addEventListener("cancel", (event) => { if (over.hidden) event.preventDefault(); });
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
