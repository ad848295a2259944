// 電子証明書のファイル (.p12; RFC 7292): key and certificates under a password, as current systems read it.
// Content: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC. Whole: HMAC-SHA256 by the KDF of appendix B.

import { bigEndian, bmp, context, integer, joined, nothing, octets, oid, sequence, set, tagged } from "./der.js";

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED = "1.2.840.113549.1.7.6";
const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const HMAC_SHA256 = "1.2.840.113549.2.9";
const AES_256_CBC = "2.16.840.1.101.3.4.1.42";
const SHA256 = "2.16.840.1.101.3.4.2.1";
const KEY_BAG = "1.2.840.113549.1.12.10.1.2";
const CERTIFICATE_BAG = "1.2.840.113549.1.12.10.1.3";
const X509 = "1.2.840.113549.1.9.22.1";
const FRIENDLY_NAME = "1.2.840.113549.1.9.20";
const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";

const BLOCK = 64; // of SHA-256
const SIZE = 32;
export const ROUNDS = { content: 100000, whole: 10000 };

// Appendix B.2 for one block of output: diversifier, salt and password, each filled up to whole blocks.
export async function keyOfWhole(password, salt, rounds, purpose = 3) {
  const filled = (bytes) => {
    const whole = new Uint8Array(BLOCK * Math.ceil(bytes.length / BLOCK));
    for (let place = 0; place < whole.length; place += 1) whole[place] = bytes[place % bytes.length];
    return whole;
  };
  const diversifier = new Uint8Array(BLOCK).fill(purpose);
  let found = joined(diversifier, filled(salt), filled(bigEndian(`${password}\0`)));
  for (let round = 0; round < rounds; round += 1) {
    found = new Uint8Array(await crypto.subtle.digest("SHA-256", found));
  }
  return found.subarray(0, SIZE);
}

async function sealed(content, password, rounds) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const start = crypto.getRandomValues(new Uint8Array(16));
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, [
    "deriveKey",
  ]);
  const key = await crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    secret,
    { name: "AES-CBC", length: 256 },
    false,
    ["encrypt"],
  );
  const box = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv: start }, key, content));
  const derivation = sequence(
    oid(PBKDF2),
    sequence(octets(salt), integer(rounds), integer(SIZE), sequence(oid(HMAC_SHA256), nothing())),
  );
  return {
    algorithm: sequence(oid(PBES2), sequence(derivation, sequence(oid(AES_256_CBC), octets(start)))),
    box,
  };
}

const attribute = (name, value) => sequence(oid(name), set(value));

function certificateBag(der, ...attributes) {
  const content = context(0, sequence(oid(X509), context(0, octets(der))));
  const about = attributes.length ? [set(...attributes)] : [];
  return sequence(oid(CERTIFICATE_BAG), content, ...about);
}

// The file's bytes: `key` as PKCS#8, `certificate` and the `chain` above it as DER.
export async function file({ key, certificate, chain, name, password, rounds = ROUNDS }) {
  const id = new Uint8Array(await crypto.subtle.digest("SHA-1", certificate));
  const about = [attribute(LOCAL_KEY_ID, octets(id)), attribute(FRIENDLY_NAME, bmp(name))];

  const bags = sequence(certificateBag(certificate, ...about), ...chain.map((one) => certificateBag(one)));
  const certificates = await sealed(bags, password, rounds.content);
  const shrouded = await sealed(key, password, rounds.content);
  const keyBag = sequence(
    oid(KEY_BAG),
    context(0, sequence(shrouded.algorithm, octets(shrouded.box))),
    set(...about),
  );
  const safes = sequence(
    sequence(
      oid(ENCRYPTED),
      context(
        0,
        sequence(
          integer(0),
          sequence(oid(DATA), certificates.algorithm, tagged(0x80, certificates.box)),
        ),
      ),
    ),
    sequence(oid(DATA), context(0, octets(sequence(keyBag)))),
  );

  const salt = crypto.getRandomValues(new Uint8Array(16));
  const secret = await crypto.subtle.importKey(
    "raw",
    await keyOfWhole(password, salt, rounds.whole),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const proof = new Uint8Array(await crypto.subtle.sign("HMAC", secret, safes));
  const mac = sequence(sequence(sequence(oid(SHA256), nothing()), octets(proof)), octets(salt), integer(rounds.whole));
  return sequence(integer(3), sequence(oid(DATA), context(0, octets(safes))), mac);
}
