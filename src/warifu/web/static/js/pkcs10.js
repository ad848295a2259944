// 証明書の署名要求 (PKCS#10): a P-256 key is made here and signs a request with the name that it is to be issued to.

import { bits, context, integer, oid, positive, sequence, set, utf8 } from "./der.js";

const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const P256 = { name: "ECDSA", namedCurve: "P-256" };

// The key can be taken out once, to be put into the .p12 file; nobody else ever sees it.
export function newKey() {
  return crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
}

// WebCrypto gives r and s side by side; certificates want them as two numbers.
export function derSignature(raw) {
  const half = raw.length / 2;
  return sequence(positive(raw.subarray(0, half)), positive(raw.subarray(half)));
}

export async function request(pair, issuedTo) {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8(issuedTo))));
  const content = sequence(integer(0), name, publicKey, context(0));
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, content);
  return sequence(content, sequence(oid(ECDSA_WITH_SHA256)), bits(derSignature(new Uint8Array(raw))));
}
