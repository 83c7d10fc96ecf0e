/**
 * Goal: names of objects read back as what they name, and a place given by people is understood
 * wherever in the tree it points. Method: tables.
 */
import { describe, expect, test } from "bun:test";
import {
  chunkKey,
  EXTENSION,
  manifestObjectKey,
  parseSnapshotKey,
  snapshotId,
  splitPlace,
} from "../../src/archive/snapshot/object-keys.ts";

const name = { tenant: "dev", epoch: 3, seq: 1_234, id: "0".repeat(31) + "f" };

test("keys sort, and read back", () => {
  const key = chunkKey(name, 7) + EXTENSION;
  expect(key).toBe(`dev/ledger/v1/snap/0003/0000000000001234-${name.id}/0007.crb`);
  expect(parseSnapshotKey(key)).toEqual({ ...name, part: { chunk: 7 } });
  const manifest = manifestObjectKey(name, "abcdef0123456789");
  expect(parseSnapshotKey(manifest)).toEqual({ ...name, part: { manifest: "abcdef01" } });
});

test("what isn't ours is left alone", () => {
  for (const key of ["", "dev/ledger/v1/seg/0001/x.crb", `${chunkKey(name, 7)}.crb.tmp-1`]) {
    expect(parseSnapshotKey(key)).toBeUndefined();
  }
  expect(() => chunkKey({ ...name, tenant: "../up" }, 1)).toThrow(RangeError);
});

describe("a place points", () => {
  const one = snapshotId(name);
  const cases = [
    ["backups", { root: "backups" }],
    ["", { root: "" }],
    ["/var/backups", { root: "/var/backups" }],
    ["backups/dev/ledger/v1/snap", { root: "backups", tenant: "dev" }],
    ["/b/dev/ledger/v1/snap/0003", { root: "/b", tenant: "dev" }],
    [`b/dev/ledger/v1/snap/0003/${one}`, { root: "b", tenant: "dev", snapshot: one }],
    [`/dev/ledger/v1/snap/0003/${one}/`, { root: "/", tenant: "dev", snapshot: one }],
    [
      `b/c/dev/ledger/v1/snap/0003/${one}/manifest-0a1b2c3d.crb`,
      { root: "b/c", tenant: "dev", snapshot: one },
    ],
  ] as const;
  for (const [place, expected] of cases) {
    test(`to ${place || "the whole bucket"}`, () => expect(splitPlace(place)).toEqual(expected));
  }
});
