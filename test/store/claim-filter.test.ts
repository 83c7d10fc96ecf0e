/**
 * Goal: the filter never denies a claim that was made, and rarely sends a lookup to the disk for
 * one that wasn't, also after it has grown.
 */
import { expect, test } from "bun:test";
import { hash } from "node:crypto";
import { ClaimFilter } from "../../src/store/claim-filter.ts";
import { FILTER_CLAIMS } from "../../src/store/limits.ts";

const claim = (text: string): Uint8Array => hash("sha256", text, "buffer").subarray(0, 16);

test("no claim is denied, and few are suspected", () => {
  const filter = new ClaimFilter();
  const bytes = filter.bytes;
  const count = FILTER_CLAIMS + 200_000;
  for (let index = 0; index < count; index += 1) filter.add(claim(`made ${index}`));
  expect(filter.bytes).toBeGreaterThan(bytes);
  for (let index = 0; index < count; index += 7) {
    if (!filter.has(claim(`made ${index}`))) throw new Error(`claim ${index} is denied`);
  }
  let suspected = 0;
  const tries = 100_000;
  for (let index = 0; index < tries; index += 1) {
    if (filter.has(claim(`never ${index}`))) suspected += 1;
  }
  expect(suspected / tries).toBeLessThan(0.01);
}, 30_000);

test("one kind of claim on a name doesn't make the others suspect", () => {
  const filter = new ClaimFilter();
  const kinds = (text: string) =>
    [1, 2, 3, 4, 5, 6, 7, 8].map((kind) => claim(text).fill(kind, 15));
  const names = Array.from({ length: 20_000 }, (_, index) => kinds(`name ${index}`));
  for (const [first] of names) filter.add(first!);
  let suspected = 0;
  for (const [first, ...others] of names) {
    if (!filter.has(first!)) throw new Error("a claim is denied");
    suspected += others.filter((other) => filter.has(other)).length;
  }
  expect(suspected / (7 * names.length)).toBeLessThan(0.001);
});
