/**
 * Goal: only tokens that this deployment signed are credentials, and they mean exactly what was
 * signed. Method: real tokens bent in every way known from attacks on JWT, and a clock of our own.
 */
import { describe, expect, test } from "bun:test";
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import fc from "fast-check";
import {
  AccessError,
  bearerToken,
  CredentialVerifier,
  equalSecret,
  identityOf,
  issueCredential,
  type CredentialClaims,
} from "../../src/access/index.ts";
import { keyIdOf } from "../../src/access/issue.ts";
import { CREDENTIAL_CACHE_MAX } from "../../src/access/limits.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 20_260_731);
console.log(`seed ${SEED}`);
fc.configureGlobal({ seed: SEED, numRuns: 200 });

const NOW = 1_800_000_000;
const clock = { at: NOW, nowUs: () => clock.at * 1e6, monotonicMs: () => 0 };
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const claims: CredentialClaims = {
  sub: "api-play",
  role: "api",
  op: "demo",
  src: "api-play",
  scopes: ["read", "play"],
  events: ["bet_placed"],
  currencies: ["*"],
  event_currencies: { deposit_captured: ["FUN"] },
  win_ceiling: { FUN: "5", "*": "7" },
};

const fresh = () => new CredentialVerifier(publicKey, { clock });

async function verdict(token: string, verifier = fresh()): Promise<string> {
  try {
    await verifier.verify(token);
    return "ok";
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    if (token.length > 40) expect(error.message).not.toContain(token);
    return error.code;
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token put together by hand. */
function craft(
  header: object,
  payload: object,
  signature: (input: Buffer) => Buffer = (input) => sign(null, input, privateKey),
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(Buffer.from(input)).toString("base64url")}`;
}

const kid = keyIdOf(publicKey);
const header = { alg: "EdDSA", kid, typ: "JWT" };
const payload = { ...claims, iss: "countroom" };
const spki = (key: KeyObject, format: "der" | "pem") => key.export({ type: "spki", format });

describe("a good token", () => {
  test("becomes its credential", async () => {
    const credential = await fresh().verify(await issueCredential(privateKey, claims));
    expect(credential).toMatchObject({ subject: "api-play", role: "api", operatorId: "demo" });
    expect(credential.source).toBe("api-play");
    expect([...credential.scopes]).toEqual(["read", "play"]);
    expect(credential.allowsCurrency("bet_placed", "USD")).toBe(true);
    expect(credential.allowsCurrency("deposit_captured", "USD")).toBe(false);
    expect(credential.winCeiling("FUN")).toBe(5n);
    expect(credential.winCeiling("USD")).toBe(7n);
    expect(Object.isFrozen(credential)).toBe(true);
  });

  test("names nothing it wasn't given", async () => {
    const bare = await fresh().verify(
      await issueCredential(privateKey, { sub: "edge-eu", role: "edge" }),
    );
    expect(bare).toMatchObject({ operatorId: "", source: "" });
    expect(bare.scopes.size + bare.events.size + bare.rails.size).toBe(0);
    expect(bare.allowsCurrency("bet_placed", "FUN")).toBe(false);
    expect(bare.winCeiling("FUN")).toBe(0n);
  });

  test("made by hand is the same: the checks below fail for their own reasons", async () => {
    expect(await verdict(craft(header, payload))).toBe("ok");
  });

  test("is remembered, and answered without waiting", async () => {
    const verifier = fresh();
    const token = await issueCredential(privateKey, claims);
    expect(verifier.cached(token)).toBeUndefined();
    const credential = await verifier.verify(token);
    expect(verifier.cached(token)).toBe(credential);
    expect(await verifier.verify(token)).toBe(credential);
  });

  test("by either of two keys is good while keys are changed", async () => {
    const verifier = new CredentialVerifier([publicKey, other.publicKey], { clock });
    expect(await verdict(await issueCredential(privateKey, claims), verifier)).toBe("ok");
    expect(await verdict(await issueCredential(other.privateKey, claims), verifier)).toBe("ok");
  });
});

describe("refused", () => {
  const hmacWith = (key: string | Buffer) => (input: Buffer) =>
    createHmac("sha256", key).update(input).digest();
  const none = (): Buffer => Buffer.alloc(0);
  const table: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["a word", "token"],
    ["dots", ".."],
    ["alg none", craft({ ...header, alg: "none" }, payload, none)],
    ["alg None", craft({ ...header, alg: "None" }, payload, none)],
    ["alg none with our signature", craft({ ...header, alg: "none" }, payload)],
    ["no alg", craft({ kid }, payload)],
    ["no signature", craft(header, payload, none)],
    [
      "the public key as an HMAC secret, PEM",
      craft({ ...header, alg: "HS256" }, payload, hmacWith(spki(publicKey, "pem") as string)),
    ],
    [
      "the public key as an HMAC secret, DER",
      craft({ ...header, alg: "HS256" }, payload, hmacWith(spki(publicKey, "der") as Buffer)),
    ],
    ["another algorithm's name", craft({ ...header, alg: "ES256" }, payload)],
    [
      "another key under our key id",
      craft(header, payload, (input) => sign(null, input, other.privateKey)),
    ],
    [
      "another key under its own id",
      craft({ ...header, kid: keyIdOf(other.publicKey) }, payload, (input) =>
        sign(null, input, other.privateKey),
      ),
    ],
    [
      "a key brought along",
      craft({ alg: "EdDSA", jwk: other.publicKey.export({ format: "jwk" }) }, payload, (input) =>
        sign(null, input, other.privateKey),
      ),
    ],
    ["no key id", craft({ alg: "EdDSA" }, payload)],
    ["a key id of another type", craft({ ...header, kid: { toString: kid } }, payload)],
    ["an unknown critical header", craft({ ...header, crit: ["x"], x: 1 }, payload)],
    ["an unencoded payload", craft({ ...header, crit: ["b64"], b64: false }, payload)],
    ["another issuer", craft(header, { ...claims, iss: "somebody" })],
    ["no issuer", craft(header, claims)],
    ["an unknown claim", craft(header, { ...payload, admin: true })],
    ["an unknown scope", craft(header, { ...payload, scopes: ["root"] })],
    ["an unknown role", craft(header, { ...payload, role: "root" })],
    ["no role", craft(header, { ...payload, role: undefined })],
    ["an unknown event type", craft(header, { ...payload, events: ["*"] })],
    ["scopes in a string", craft(header, { ...payload, scopes: "play" })],
    ["a win ceiling with a fraction", craft(header, { ...payload, win_ceiling: { "*": "1.5" } })],
    ["a negative win ceiling", craft(header, { ...payload, win_ceiling: { "*": "-1" } })],
    ["a win ceiling in a number", craft(header, { ...payload, win_ceiling: { "*": 5 } })],
    ["an operator with a line break", craft(header, { ...payload, op: "a\nb" })],
    ["a payload that is a list", craft(header, [])],
    ["an expiry in a string", craft(header, { ...payload, exp: String(NOW + 60) })],
    ["five kilobytes", craft(header, { ...payload, sub: "x".repeat(5_000) })],
  ];
  test.each(table)("%s", async (_, token) => {
    expect(await verdict(token)).toBe("ACCESS_UNAUTHENTICATED");
  });

  test("a token whose claims were changed", async () => {
    const [head = "", , tail = ""] = (await issueCredential(privateKey, claims)).split(".");
    const more = encode({ ...payload, scopes: ["read", "play", "cashier", "admin"] });
    expect(await verdict(`${head}.${more}.${tail}`)).toBe("ACCESS_UNAUTHENTICATED");
  });

  test("a token with any character changed", async () => {
    const token = await issueCredential(privateKey, claims);
    // The last character of each part may hold unused bits: another spelling, not another token.
    const verifier = fresh();
    for (let at = 0; at < token.length; at += 1) {
      if (token[at] === "." || token[at + 1] === "." || at === token.length - 1) continue;
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      if (changed === token) continue;
      expect(await verdict(changed, verifier)).toBe("ACCESS_UNAUTHENTICATED");
    }
  });

  test("a token that has expired, with a little patience for clocks", async () => {
    clock.at = NOW;
    const token = await issueCredential(privateKey, { ...claims, exp: NOW + 60 });
    const verifier = fresh();
    expect(await verdict(token, verifier)).toBe("ok");
    clock.at = NOW + 64;
    expect(verifier.cached(token)).toBeDefined();
    expect(await verdict(token)).toBe("ok");
    clock.at = NOW + 66;
    expect(verifier.cached(token)).toBeUndefined();
    expect(await verdict(token, verifier)).toBe("ACCESS_EXPIRED");
    expect(await verdict(token)).toBe("ACCESS_EXPIRED");
    clock.at = NOW;
  });

  test("any text", async () => {
    const property = fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
      expect(await verdict(text)).toBe("ACCESS_UNAUTHENTICATED");
    });
    await fc.assert(property);
  });
});

describe("the memory", () => {
  test("is bounded, and forgets the oldest", async () => {
    const verifier = fresh();
    const tokens: string[] = [];
    for (let at = 0; at <= CREDENTIAL_CACHE_MAX; at += 1) {
      tokens.push(await issueCredential(privateKey, { ...claims, sub: `key-${at}` }));
    }
    for (const token of tokens) await verifier.verify(token);
    expect(verifier.cached(tokens[0]!)).toBeUndefined();
    expect(tokens.slice(1).every((token) => verifier.cached(token) !== undefined)).toBe(true);
  });

  test("keeps no refused token", async () => {
    const verifier = fresh();
    const forged = craft(header, payload, (input) => sign(null, input, other.privateKey));
    expect(await verdict(forged, verifier)).toBe("ACCESS_UNAUTHENTICATED");
    expect(verifier.cached(forged)).toBeUndefined();
  });
});

describe("secrets and identities", () => {
  test("secrets are equal when they are, whatever their lengths", () => {
    expect(equalSecret("abc", "abc")).toBe(true);
    expect(equalSecret("abc", new TextEncoder().encode("abc"))).toBe(true);
    for (const wrong of ["", "ab", "abd", "abcd", "ABC"]) {
      expect(equalSecret(wrong, "abc")).toBe(false);
    }
  });

  test("the key id of a private key's other half is the public key's", () => {
    expect(keyIdOf(createPublicKey(privateKey))).toBe(kid);
    expect(kid).toMatch(/^[0-9a-f]{16}$/);
  });

  test("an identity's hash is the HMAC written out by hand", () => {
    const secret = Buffer.alloc(32, 7);
    const input = Buffer.from("\0\x04demo\0\x08telegram\0\x03123", "latin1");
    const hash = createHmac("sha256", secret).update(input).digest();
    const identity = identityOf({ keyId: "k1", secret }, "demo", "telegram", "123");
    expect(identity.keyId).toBe("k1");
    expect(Buffer.from(identity.hash)).toEqual(hash);
    const moved = identityOf({ keyId: "k1", secret }, "demot", "elegram", "123");
    expect(Buffer.from(moved.hash)).not.toEqual(hash);
  });

  test("a bearer token is taken from its header, and from nothing else", () => {
    expect(bearerToken("Bearer abc.def-_")).toBe("abc.def-_");
    expect(bearerToken("bearer abc")).toBe("abc");
    const wrong = ["", "Bearer", "Bearer ", "Bearer a b", "Basic abc", " Bearer abc", null];
    for (const header of [...wrong, undefined]) expect(bearerToken(header)).toBeUndefined();
  });
});
