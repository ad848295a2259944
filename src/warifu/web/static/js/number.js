// 個人番号の欄: groups of four while typing, and a word when the check digit fits. Nothing is kept anywhere.

const WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const WORDS = {
  ja: {
    left: (count) => `あと${count}桁です`,
    good: "12桁そろいました。打ち間違いもなさそうです",
    wrong: "番号の並びが合いません。1桁の打ち間違いか、隣どうしの入れ替わりがないか見てください",
    long: "12桁より多くなっています",
  },
  en: {
    left: (count) => `${count} more digits`,
    good: "Twelve digits, and they look right",
    wrong: "These digits do not fit together. Look for one wrong digit or two swapped ones",
    long: "More than twelve digits",
  },
};

export function digitsOf(text) {
  return text.normalize("NFKC").replace(/[^0-9]/g, "");
}

export function grouped(digits) {
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

export function checkDigit(base) {
  const remainder = WEIGHTS.reduce((sum, weight, place) => sum + weight * Number(base[place]), 0) % 11;
  return remainder <= 1 ? 0 : 11 - remainder;
}

export function fits(digits, isPractice) {
  const check = (checkDigit(digits) + (isPractice ? 5 : 0)) % 10;
  return digits.length === 12 && digits !== "000000000000" && check === Number(digits[11]);
}

function watch(input) {
  const words = WORDS[document.documentElement.lang] || WORDS.ja;
  const line = input.closest("form").querySelector("[data-number-words]");
  const tell = () => {
    const digits = digitsOf(input.value);
    if (!line) return;
    line.hidden = digits.length === 0;
    const isGood = fits(digits, input.dataset.number === "practice");
    line.className = isGood || digits.length < 12 ? "field-ok" : "field-error";
    if (digits.length < 12) line.textContent = words.left(12 - digits.length);
    else if (digits.length > 12) line.textContent = words.long;
    else line.textContent = isGood ? words.good : words.wrong;
  };
  input.addEventListener("input", (event) => {
    const atEnd = input.selectionStart === input.value.length;
    if (!event.isComposing && atEnd) input.value = grouped(digitsOf(input.value));
    tell();
  });
  input.addEventListener("change", () => {
    input.value = grouped(digitsOf(input.value));
    tell();
  });
  // A page taken from the browser's memory must not show a number again.
  window.addEventListener("pagehide", () => { input.value = ""; });
}

if (typeof document !== "undefined") document.querySelectorAll("[data-number]").forEach(watch);
