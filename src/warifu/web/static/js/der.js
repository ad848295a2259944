// DER, as much as a request and a .p12 file need: pure functions from values to bytes.

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function lengthOf(count) {
  if (count < 0x80) return [count];
  const digits = [];
  for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}

export function tagged(tag, ...parts) {
  const content = joined(...parts);
  return joined(Uint8Array.of(tag, ...lengthOf(content.length)), content);
}

export const sequence = (...parts) => tagged(0x30, ...parts);
export const set = (...parts) => tagged(0x31, ...parts);
export const octets = (content) => tagged(0x04, content);
export const bits = (content) => tagged(0x03, Uint8Array.of(0), content);
export const utf8 = (text) => tagged(0x0c, new TextEncoder().encode(text));
export const nothing = () => Uint8Array.of(0x05, 0x00);
export const context = (number, ...parts) => tagged(0xa0 | number, ...parts);

export function bigEndian(text) {
  const content = new Uint8Array(2 * text.length);
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    content.set([code >> 8, code & 0xff], 2 * place);
  }
  return content;
}

export const bmp = (text) => tagged(0x1e, bigEndian(text));

// A positive integer from its bytes, the highest first: no needless zeros, none that looks negative.
export function positive(content) {
  let start = 0;
  while (start < content.length - 1 && content[start] === 0) start += 1;
  const shortest = content.subarray(start);
  return tagged(0x02, shortest[0] & 0x80 ? Uint8Array.of(0) : new Uint8Array(), shortest);
}

export function integer(value) {
  const digits = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return positive(Uint8Array.from(digits.length ? digits : [0]));
}

export function oid(dotted) {
  const [first, second, ...others] = dotted.split(".").map(Number);
  const content = [40 * first + second];
  for (const arc of others) {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
    content.push(...digits);
  }
  return tagged(0x06, Uint8Array.from(content));
}
