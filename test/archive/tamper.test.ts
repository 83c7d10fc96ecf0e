/**
 * Goal: a set that isn't exactly what was taken is refused, the finding names the object and what
 * is wrong with it, and the target stays untouched. Method: one true set from a real primary, then
 * every object and every region of it changed, lost, moved, or forged by somebody who can seal.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadKeys } from "../../src/access/index.ts";
import { restore, takeSnapshot, type RestoreOptions } from "../../src/archive/index.ts";
import type { SealedItem } from "../../src/archive/snapshot/items.ts";
import { DirectoryStore } from "../../src/archive/stores/directory.ts";
import { forge, type Forgery } from "./forge.ts";
import { LiveBook } from "./live-book.ts";
import { newPair } from "./objects.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 20_261_103);
console.log(`seed ${SEED}`);
const root = mkdtempSync(join(tmpdir(), "countroom-tamper-"));
const dir = join(root, "book");
const truth = join(root, "truth");
const older = join(root, "older");
let identity: string;
let recipient: string;
/** Keys of the true set's objects, in order, the manifest last. */
let keys: string[];
let olderId: string;
let made = 0;

const path = (name: string): string => join(root, `${name}-${(made += 1)}`);

beforeAll(async () => {
  const book = await LiveBook.start(dir, SEED);
  await book.populate(20);
  await book.traffic(150);
  await book.stop();
  identity = loadKeys(join(dir, "keys")).recoveryIdentity;
  recipient = readFileSync(join(dir, "keys", "recovery.pub"), "utf8").trim();
  olderId = (await take(older)).snapshot;
  const again = await LiveBook.start(dir, SEED + 1);
  await again.populate(20);
  await again.traffic(250);
  await again.stop();
  const report = await take(truth);
  keys = report.objects.map(({ key }) => key);
  expect(keys.length).toBeGreaterThanOrEqual(5);
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

function take(place: string) {
  return takeSnapshot({
    dataDir: dir,
    keysDir: join(dir, "keys"),
    store: new DirectoryStore(place),
    recipients: [recipient],
    // Small, so that records lie in several objects.
    chunkBytes: 60_000,
  });
}

interface Found {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  readonly hint: string;
}

async function attempt(place: string, more: Partial<RestoreOptions> = {}): Promise<Found> {
  const target = path("target");
  try {
    const certificate = await restore({
      store: new DirectoryStore(place),
      wanted: {},
      target,
      identities: [identity],
      ...more,
    });
    return { code: "RESTORED", exit: 0, message: certificate.snapshot, hint: "" };
  } catch (error) {
    const { code, exitCode, message, hint } = error as Error & {
      code: string;
      exitCode: number;
      hint: string;
    };
    // Nothing of a refused set is left: neither the target nor what it was built in.
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(root).filter((name) => name.startsWith("."))).toEqual([]);
    return { code, exit: exitCode, message, hint };
  }
}

/** A copy of the true set with one change. */
function changed(change: (place: string) => void): string {
  const place = path("changed");
  cpSync(truth, place, { recursive: true });
  change(place);
  return place;
}

function edit(place: string, key: string, change: (bytes: Buffer) => Uint8Array): void {
  const file = join(place, key);
  writeFileSync(file, change(readFileSync(file)));
}

test("the true set restores", async () => {
  expect(await attempt(truth)).toMatchObject({ exit: 0 });
  expect(await attempt(truth, { dryRun: true })).toMatchObject({ exit: 0 });
});

describe("a changed object is named", () => {
  /** Places inside an object, from its start or its end. */
  const regions: readonly (readonly [string, (bytes: Buffer) => number])[] = [
    ["magic", () => 0],
    ["header length", () => 4],
    ["header", () => 40],
    ["header, late", (bytes) => bytes.readUInt16BE(4) - 20],
    ["salt", (bytes) => 6 + bytes.readUInt16BE(4) + 1],
    ["nonce prefix", (bytes) => 6 + bytes.readUInt16BE(4) + 33],
    ["commitment", (bytes) => 6 + bytes.readUInt16BE(4) + 45],
    ["block", (bytes) => 6 + bytes.readUInt16BE(4) + 71 + 5],
    ["tag", (bytes) => bytes.length - 3],
  ];
  test("one bit in each region of each object", async () => {
    for (const key of keys) {
      for (const [region, at] of regions) {
        const place = changed((copy) =>
          edit(copy, key, (bytes) => {
            bytes[at(bytes)]! ^= 0x04;
            return bytes;
          }),
        );
        const found = await attempt(place);
        const told = `${region} of ${key}: ${found.code} ${found.message}`;
        expect(told).toContain(`ARCHIVE_DAMAGED ${key}: `);
        expect(found.exit).toBe(5);
        rmSync(place, { recursive: true });
      }
    }
  }, 30_000);

  test("a cut and an addition", async () => {
    for (const key of keys) {
      const cut = await attempt(
        changed((copy) => edit(copy, key, (bytes) => bytes.subarray(0, -1))),
      );
      const grown = await attempt(
        changed((copy) => edit(copy, key, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))),
      );
      for (const found of [cut, grown]) {
        expect(found.exit).toBe(5);
        expect(found.message).toStartWith(`${key}: block 0, the last, doesn't authenticate`);
      }
    }
  });

  test("two objects swapped, and one under another's name", async () => {
    const swapped = changed((copy) => {
      renameSync(join(copy, keys[1]!), join(copy, "x"));
      renameSync(join(copy, keys[2]!), join(copy, keys[1]!));
      renameSync(join(copy, "x"), join(copy, keys[2]!));
    });
    expect(await attempt(swapped)).toMatchObject({
      exit: 5,
      message: expect.stringMatching(/000[12]\.crb: belongs at .*000[21]: moved or swapped/),
    });
  });

  test("an object of another set of the same book", async () => {
    const other = path("other");
    await take(other);
    const alien = readdirSync(other, { recursive: true }).map(String);
    const twin = alien.find((name) => name.endsWith("/0001.crb"))!;
    const place = changed((copy) => cpSync(join(other, twin), join(copy, keys[1]!)));
    const found = await attempt(place);
    expect(found.exit).toBe(5);
    expect(found.message).toMatch(/0001\.crb: belongs at dev\/ledger/);
  });

  test("another tenant's object", async () => {
    const place = path("tenant");
    await forge(truth, place, identity, recipient, {});
    const theirs = join(path("theirs"));
    const key = keys[1]!;
    mkdirSync(dirname(join(theirs, key.replace("dev/", "rival/"))), { recursive: true });
    cpSync(place, theirs, { recursive: true });
    renameSync(join(theirs, "dev"), join(theirs, "rival-2"));
    rmSync(join(theirs, "rival"), { recursive: true });
    renameSync(join(theirs, "rival-2"), join(theirs, "rival"));
    const found = await attempt(theirs);
    expect(found).toMatchObject({ exit: 5 });
    expect(found.message).toMatch(/rival\/.*manifest-.*belongs at dev\//);
  });
});

describe("what is missing is named", () => {
  test("an object, with its records", async () => {
    const place = changed((copy) => rmSync(join(copy, keys[2]!)));
    const found = await attempt(place);
    expect(found).toMatchObject({ code: "ARCHIVE_GAP", exit: 3 });
    expect(found.message).toContain(keys[2]!);
    expect(found.message).toMatch(/records \d+ to \d+/);
  });

  test("the manifest", async () => {
    const place = changed((copy) => rmSync(join(copy, keys.at(-1)!)));
    const found = await attempt(place);
    expect(found).toMatchObject({ code: "ARCHIVE_NOTHING_FOUND", exit: 3 });
    expect(found.message).toContain("no manifest");
  });

  test("everything", async () => {
    const place = path("empty");
    mkdirSync(place);
    expect(await attempt(place)).toMatchObject({ code: "ARCHIVE_NOTHING_FOUND", exit: 3 });
    expect(await attempt(path("nowhere"))).toMatchObject({ exit: 3 });
  });
});

describe("a book that contradicts itself is not archived", () => {
  const drop = "DROP TRIGGER records_000000_no_update;";
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ["a balance", "state.db", "UPDATE wallets SET available = available + 1", /another digest/],
    ["a seed pair", "state.db", "UPDATE players SET seed_pair = 7", /a player is damaged/],
    ["a lost bet", "state.db", "DELETE FROM bets WHERE key IN (SELECT max(key) FROM bets)", /bets/],
    ["a head", "state.db", "UPDATE head SET seq = seq - 1", /not its place/],
    [
      "an event",
      "ledger.db",
      `${drop} UPDATE records_000000 SET event = x'00' WHERE seq = 9`,
      /another root than signed/,
    ],
    ["a lost identity", "ledger.db", "DELETE FROM identities WHERE seq = 3", /another digest/],
  ];
  for (const [what, file, sql, finding] of cases) {
    test(what, async () => {
      const copy = path("contradiction");
      cpSync(dir, copy, { recursive: true });
      const db = new Database(join(copy, "primary", file));
      db.run("PRAGMA foreign_keys = OFF");
      for (const statement of sql.split("; ")) db.run(statement);
      db.close(true);
      const place = path("place");
      const failed = await takeSnapshot({
        dataDir: copy,
        keysDir: join(copy, "keys"),
        store: new DirectoryStore(place),
        recipients: [recipient],
      }).catch((error: unknown) => error as { exitCode: number; message: string });
      expect(failed).toMatchObject({ exitCode: 5, message: expect.stringMatching(finding) });
      // Whatever was stored before is no snapshot.
      expect((await attempt(place)).exit).toBe(3);
    });
  }
});

describe("several snapshots at one place", () => {
  const both = (): string => changed((copy) => cpSync(older, copy, { recursive: true }));

  test("the newest is taken; a damaged one isn't passed over, the older one is named", async () => {
    expect((await attempt(both())).message).not.toBe(olderId);
    const place = both();
    edit(place, keys[1]!, (bytes) => Buffer.concat([bytes.subarray(0, -2), Buffer.alloc(2)]));
    const found = await attempt(place);
    expect(found.exit).toBe(5);
    expect(found.hint).toContain(`--snapshot ${olderId}`);
    const chosen = await attempt(place, { wanted: { snapshot: olderId } });
    expect(chosen).toMatchObject({ exit: 0, message: olderId });
  });

  test("an unfinished newer one is passed over, and said so", async () => {
    const place = both();
    rmSync(join(place, keys.at(-1)!));
    const warnings: string[] = [];
    const found = await attempt(place, { onWarning: (warning) => warnings.push(warning) });
    expect(found.message).toBe(olderId);
    expect(warnings.join()).toMatch(/newer snapshot \d{16}-[0-9a-f]{32} has no manifest/);
  });

  test("an unknown one is not found, a foreign object is left alone", async () => {
    expect(await attempt(both(), { wanted: { snapshot: "0000" } })).toMatchObject({ exit: 3 });
    const place = changed((copy) =>
      cpSync(join(copy, keys[0]!), join(copy, dirname(keys[0]!), "0099.crb")),
    );
    const warnings: string[] = [];
    expect(await attempt(place, { onWarning: (one) => warnings.push(one) })).toMatchObject({
      exit: 0,
    });
    expect(warnings.join()).toContain("0099.crb isn't in the manifest");
  });
});

describe("the target", () => {
  test("is never overwritten", async () => {
    const target = path("full");
    mkdirSync(target);
    writeFileSync(join(target, "mine"), "mine");
    for (const place of [target, join(target, "mine")]) {
      const failed = restore({
        store: new DirectoryStore(truth),
        wanted: {},
        target: place,
        identities: [identity],
      });
      expect(failed).rejects.toMatchObject({ code: "ARCHIVE_TARGET_EXISTS", exitCode: 2 });
      await failed.catch(() => {});
    }
    expect(readdirSync(target)).toEqual(["mine"]);
  });

  test("may be an empty folder", async () => {
    const target = path("empty");
    mkdirSync(target);
    await restore({ store: new DirectoryStore(truth), wanted: {}, target, identities: [identity] });
    expect(readdirSync(target).sort()).toEqual(["RESTORED.json", "keys", "primary"]);
  });
});

describe("somebody else", () => {
  test("can't open it", async () => {
    const stranger = await newPair();
    const found = await attempt(truth, { identities: [stranger.identity] });
    expect(found).toMatchObject({ code: "ARCHIVE_IDENTITY_WRONG", exit: 2 });
    expect(found.message).toContain(recipient);
  });

  test("can't pass off a set that another key signed", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    expect(await attempt(truth, { trusted: publicKey })).toMatchObject({
      code: "ARCHIVE_UNTRUSTED",
      exit: 5,
    });
    const own = createPublicKey(readFileSync(join(dir, "keys", "signing.pub")));
    expect(await attempt(truth, { trusted: own })).toMatchObject({ exit: 0 });
  });
});

describe("a forger who can seal, but not sign", () => {
  const flip = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at]! ^= 1;
    return copy;
  };
  const rowOf = (kind: string, change: (row: Record<string, unknown>) => void, nth = 0) => {
    let seen = 0;
    return (row: Record<string, unknown>) => {
      if (row["t"] === kind && (seen += 1) === nth + 1) change(row);
      return row;
    };
  };
  const at = (index: number, change: (record: SealedItem) => SealedItem) => (all: SealedItem[]) =>
    all.map((record, n) => (n === index ? change(record) : record));
  const newKeys = generateKeyPairSync("ed25519");
  const pem = (key: "privateKey" | "publicKey"): string =>
    newKeys[key].export({ type: key === "privateKey" ? "pkcs8" : "spki", format: "pem" }) as string;

  const cases: readonly (readonly [string, Forgery, RegExp])[] = [
    ["drops a record", { records: (all) => all.toSpliced(70, 1) }, /lists no object with record/],
    [
      "drops the last record",
      { records: (all) => all.slice(0, -1) },
      /lists no object with record|holds records/,
    ],
    [
      "swaps two records",
      { records: (all) => all.with(70, all[71]!).with(71, all[70]!) },
      /record 71 says/,
    ],
    [
      "repeats a record",
      { records: (all) => all.toSpliced(71, 1, all[70]!) },
      /record 72 says that it is record 71/,
    ],
    [
      "changes an event",
      { records: at(30, ({ event, ...rest }) => ({ ...rest, event: flip(event, 10) })) },
      /record \d+ |another root than was signed/,
    ],
    [
      "changes an outcome",
      {
        records: at(30, ({ outcome, ...rest }) => ({
          ...rest,
          outcome: flip(outcome, outcome.length - 1),
        })),
      },
      // What a record leaves an object as may be wrong without contradicting its postings.
      /record 31 |another root than was signed/,
    ],
    [
      "gives a player another's Telegram",
      {
        records: (all) =>
          all
            .with(1, { ...all[1]!, identity: all[2]!.identity })
            .with(2, { ...all[2]!, identity: all[1]!.identity }),
      },
      /another digest than was signed/,
    ],
    [
      "forgets a Telegram identity",
      { records: at(1, ({ event, outcome }) => ({ event, outcome })) },
      /another digest than was signed/,
    ],
    [
      "makes a player rich",
      {
        row: rowOf(
          "player",
          (row) => ((row["wallets"] as { available: string }[])[0]!.available = "9"),
        ),
      },
      /the state of player .* isn't what the records add up to/,
    ],
    [
      "knows another server seed pair",
      { row: rowOf("player", (row) => (row["seed_pair"] = 2), 3) },
      /the state of player .* isn't what/,
    ],
    [
      "changes a bet",
      { row: rowOf("bet", (row) => (row["amount"] = "1")) },
      /the state of bet .* isn't what/,
    ],
    [
      "changes the house",
      { row: rowOf("house", (row) => (row["minor"] = "1")) },
      /the state of house/,
    ],
    [
      "leaves a bet out",
      { row: ((n) => (row) => (row["t"] === "bet" && (n += 1) === 1 ? undefined : row))(0) },
      /rows of kind bet/,
    ],
    [
      "invents a row",
      { row: rowOf("house", (row) => (row["t"] = "gift")) },
      /isn't known to the records/,
    ],
    [
      "changes a reign",
      { row: rowOf("epoch", (row) => (row["reign"] = "0".repeat(32))) },
      /as the list of epochs/,
    ],
    [
      "moves an epoch's end",
      { row: rowOf("epoch", (row) => (row["last_seq"] = 5)) },
      /epochs end at 5/,
    ],
    [
      "swaps a signing key",
      { row: rowOf("key", (row) => (row["text"] = pem("privateKey"))) },
      /no pair/,
    ],
    [
      "brings a whole signing pair",
      {
        row: (row) => {
          if (row["name"] === "signing.key") row["text"] = pem("privateKey");
          if (row["name"] === "signing.pub") row["text"] = pem("publicKey");
          return row;
        },
      },
      /checkpoint isn't signed by signing.pub/,
    ],
    [
      "sends a file along",
      { row: rowOf("key", (row) => (row["name"] = "../evil")) },
      /a row of epochs and keys/,
    ],
    [
      "leaves a key out",
      { row: (row) => (row["name"] === "games.key" ? undefined : row) },
      /holds no games.key/,
    ],
    [
      "claims another root",
      { manifest: (m) => ({ ...m, tree: { ...m.tree, root: "0".repeat(64) } }) },
      /names another state/,
    ],
    [
      "claims another seq",
      { manifest: (m) => ({ ...m, seq: m.seq - 1 }) },
      /names another snapshot/,
    ],
    [
      "claims another digest",
      { manifest: (m) => ({ ...m, state: "0".repeat(64) }) },
      /names another state/,
    ],
    [
      "changes the edge",
      { manifest: (m) => ({ ...m, tree: { ...m.tree, edge: m.tree.edge.toReversed() } }) },
      /edge isn't/,
    ],
    ["is of the future", { manifest: (m) => ({ ...m, schema: 2 as 1 }) }, /wrong in schema/],
  ];
  for (const [what, forgery, finding] of cases) {
    test(what, async () => {
      const place = path("forged");
      await forge(truth, place, identity, recipient, forgery);
      const found = await attempt(place);
      expect(`${found.exit} ${found.message}`).toMatch(finding);
      expect(found.exit).toBe(5);
      expect(found.message).toContain("dev/ledger/v1/snap/");
    });
  }

  test("who changes nothing, gains nothing: the set is as good as the true one", async () => {
    const place = path("forged");
    await forge(truth, place, identity, recipient, {});
    expect(await attempt(place)).toMatchObject({ exit: 0 });
  });
});
