/**
 * Goal: the set holds what a Map of the same claims would, through growth and clearing.
 */
import { expect, test } from "bun:test";
import { hash } from "node:crypto";
import { ClaimSet } from "../../src/store/claim-set.ts";

const claim = (text: string): Uint8Array => hash("sha256", text, "buffer").subarray(0, 16);

test("finds exactly what was added, again after clearing", () => {
  const set = new ClaimSet();
  for (const count of [5_000, 3, 0, 100, 9_000, 1]) {
    for (let index = 0; index < count; index += 1) set.add(claim(`${count} ${index}`), index + 1);
    expect(set.size).toBe(count);
    for (let index = 0; index < count; index += 1) {
      const made = claim(`${count} ${index}`);
      if (set.get(made) !== index + 1) throw new Error(`${count} ${index} is lost`);
      if (Buffer.compare(set.hashAt(index), made) !== 0) throw new Error("another hash");
      if (set.get(claim(`never ${index}`)) !== undefined) throw new Error("found too much");
    }
    set.clear();
    expect(set.size).toBe(0);
    expect(set.get(claim(`${count} 0`))).toBeUndefined();
  }
});

test("takes nothing that is no claim", () => {
  expect(() => new ClaimSet().add(new Uint8Array(15), 1)).toThrow(RangeError);
});
