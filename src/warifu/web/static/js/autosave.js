// 下書き: sends a form to the server as fields change, so that a session's end costs at most one field.
// Number fields are left out; nothing is kept in the browser.

export function withoutSecrets(form) {
  const data = new FormData(form);
  form.querySelectorAll("[data-number], [type=password], [type=file]").forEach((field) => data.delete(field.name));
  data.delete("go");
  return data;
}

function watch(form) {
  let waiting = null;
  let isLeaving = false;
  form.addEventListener("submit", () => { isLeaving = true; clearTimeout(waiting); });
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (isLeaving) return;
      fetch(form.action || location.href, {
        method: "POST",
        body: withoutSecrets(form),
        headers: { "X-Autosave": "1" },
        redirect: "manual",
      }).catch(() => {});
    }, 600);
  });
}

if (typeof document !== "undefined") document.querySelectorAll("form[data-autosave]").forEach(watch);
