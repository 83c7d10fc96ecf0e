/**
 * Goal: a claim's hash is the documented one and no other claim has it, whatever was hashed before.
 * Method: the definition beside it, over texts that are hostile to joining.
 */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { claimHash, ClaimKind, keyHash } from "../../src/ledger/index.ts";
import { command, hex } from "./book.ts";
import { seeded } from "./seed.ts";

function defined(kind: number, parts: readonly string[]): string {
  const digest = createHash("sha256");
  for (const part of parts) {
    const bytes = Buffer.from(part);
    digest.update(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff)).update(bytes);
  }
  return digest.digest("hex").slice(0, 30) + kind.toString(16).padStart(2, "0");
}

test("is the documented hash", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("", "a", "é", "ა".repeat(128), "x".repeat(128), "🎲".repeat(64), "a|b"),
  );
  const kind = fc.constantFrom(...Object.values(ClaimKind));
  const property = fc.property(kind, text, text, text, (which, operator, source, name) => {
    expect(hex(claimHash(which, operator, source, name))).toBe(
      defined(which, [operator, source, name]),
    );
  });
  fc.assert(property, seeded(500));
});

test("joined texts stay apart", () => {
  const triples = [
    ["ab", "c", "d"],
    ["a", "bc", "d"],
    ["a", "b", "cd"],
    ["", "abc", "d"],
    ["abcd", "", ""],
  ] as const;
  const hashes = triples.map(([a, b, c]) => hex(claimHash(ClaimKind.KEY, a, b, c)));
  expect(new Set(hashes).size).toBe(triples.length);
});

test("a name that is too long spoils nothing", () => {
  const long = "x".repeat(289);
  const good = hex(claimHash(ClaimKind.KEY, "demo", "api", "k"));
  const fails = [
    ["demo", long, "k"],
    [long, "api", "k"],
    ["demo", "api", long],
  ] as const;
  for (const [operator, source, name] of fails) {
    expect(() => claimHash(ClaimKind.KEY, operator, source, name)).toThrow("too long");
    expect(hex(claimHash(ClaimKind.KEY, "demo", "api", "k"))).toBe(good);
  }
});

test("a command's key claim is of its operator and source", () => {
  const sent = command({ payload: { type: "player_registered" }, idempotencyKey: "k9" });
  expect(hex(keyHash(sent))).toBe(defined(1, ["demo", "api-play", "k9"]));
});

test("hashes are copies", () => {
  const first = claimHash(ClaimKind.KEY, "a", "b", "c");
  const before = hex(first);
  claimHash(ClaimKind.TOMBSTONE, "a", "b", "d");
  expect(hex(first)).toBe(before);
  expect(first.length).toBe(16);
});
