/**
 * Goal: anybody with the public key can check that a record is in the book and that the book only
 * grows; what can't be proven just now is refused with a code.
 * Method: a primary with some hundred records, asked over HTTP; a verifier of the test's own.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { createLedgerClient } from "../../src/wire/index.ts";
import { deposit, registration } from "./events.ts";
import { makeFolder, startIn, type Folder, type Started } from "./folder.ts";
import {
  entriesOf,
  entryLeaf,
  isConsistent,
  isIncluded,
  openNote,
  recordLeaf,
  rootOf,
  tilesOf,
  type Tree,
} from "./witness.ts";

const RECORDS = 700;

let folder: Folder;
let started: Started;
/** Leaves of the first records, from the Tail. */
let leaves: Buffer[];
let playerRef: string;

beforeAll(async () => {
  folder = await makeFolder();
  started = await startIn(folder);
  const [receipt] = await append([registration()]);
  playerRef = receipt!.playerRef;
  for (let count = 2; count < RECORDS; count += 100) {
    await append(Array.from({ length: 100 }, () => deposit(playerRef, 1n)));
  }
  leaves = [];
  for await (const { records } of client().tail({ fromSeq: 1n })) {
    for (const { event, outcome } of records) leaves.push(recordLeaf(event, outcome));
    if (leaves.length >= RECORDS) break;
  }
  // Tiles and bundles are of what a checkpoint covers.
  for (let signedSize = 0; signedSize < RECORDS;) {
    const note = await (await get("/tlog/checkpoint")).text();
    signedSize = Number(note.split("\n")[1] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
afterAll(async () => {
  await started.primary.stop();
  await folder[Symbol.asyncDispose]();
});

const client = () =>
  createLedgerClient({ baseUrl: started.primary.url, token: folder.token("edge-eu") });

async function append(events: readonly Uint8Array[]) {
  const credentials = [folder.token("api-play")];
  const items = events.map((event) => ({ event }));
  return (await client().append({ credentials, items })).receipts;
}

function get(path: string, token?: string, more: Record<string, string> = {}): Promise<Response> {
  const headers = { ...more, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return fetch(started.primary.url + path, { headers });
}

const json = async (path: string): Promise<any> => (await get(path)).json();
const signed = (note: string): Tree => openNote(note, folder.keys.signingPublic);
const treeAt = (size: number): Tree => ({
  size,
  root: rootOf(leaves.slice(0, size)).toString("base64"),
});

describe("inclusion", () => {
  test("records from the first to the last are under the newest signed checkpoint", async () => {
    for (const seq of [1, 2, 128, 255, 256, 257, 512, 513, RECORDS]) {
      const proof = await json(`/v1/proofs/inclusion?seq=${seq}`);
      const tree = signed(proof.checkpoint);
      expect(proof).toMatchObject({ seq: `${seq}`, leaf_index: `${seq - 1}` });
      expect(proof.tree_size).toBe(String(tree.size));
      expect(proof.leaf_hash).toBe(leaves[seq - 1]!.toString("base64"));
      expect(isIncluded(proof, tree)).toBe(true);
      expect(isIncluded({ ...proof, leaf_index: `${seq}` }, tree)).toBe(false);
    }
  });

  test("a record that was just settled is covered at once", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const [receipt] = await append([deposit(playerRef, 1n)]);
      const proof = await json(`/v1/proofs/inclusion?seq=${receipt!.seq}`);
      expect(isIncluded(proof, signed(proof.checkpoint))).toBe(true);
    }
  });

  test("also in a tree of an earlier size", async () => {
    for (const [seq, size] of [
      [1, 1],
      [1, 2],
      [200, 256],
      [256, 257],
      [300, 511],
    ] as const) {
      const proof = await json(`/v1/proofs/inclusion?seq=${seq}&size=${size}`);
      expect(proof.tree_size).toBe(`${size}`);
      expect(isIncluded(proof, treeAt(size))).toBe(true);
    }
  });

  test("several at once, for edges only", async () => {
    const ask = (token: string | undefined, body: string) =>
      fetch(`${started.primary.url}/v1/proofs/inclusion`, {
        method: "POST",
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        body,
      });
    const body = JSON.stringify({ seqs: ["7", "300", "7"] });
    const answer: any = await (await ask(folder.token("edge-eu"), body)).json();
    const tree = signed(answer.checkpoint);
    expect(answer.proofs.map(({ seq }: { seq: string }) => seq)).toEqual(["7", "300", "7"]);
    for (const proof of answer.proofs) expect(isIncluded(proof, tree)).toBe(true);
    expect((await ask(folder.token("api-admin"), body)).status).toBe(403);
    expect((await ask(undefined, body)).status).toBe(401);
    const many = JSON.stringify({ seqs: Array.from({ length: 101 }, () => "1") });
    for (const bad of [
      "",
      "{",
      "[]",
      "{}",
      '{"seqs":[]}',
      '{"seqs":[1]}',
      '{"seqs":["0"]}',
      many,
    ]) {
      expect((await ask(folder.token("edge-eu"), bad)).status).toBe(400);
    }
    expect((await ask(folder.token("edge-eu"), '{"seqs":["99999999"]}')).status).toBe(404);
    expect((await ask(folder.token("edge-eu"), " ".repeat(9_000))).status).toBe(413);
  });
});

describe("consistency", () => {
  test("each earlier size leads to each later one", async () => {
    const sizes = [1, 2, 3, 255, 256, 257, 600, RECORDS];
    for (const from of sizes) {
      for (const to of sizes.filter((size) => size >= from)) {
        const proof = await json(`/v1/proofs/consistency?from=${from}&to=${to}`);
        expect(proof).toMatchObject({ from: `${from}`, to: `${to}` });
        expect(isConsistent(treeAt(from), treeAt(to), proof.hashes)).toBe(true);
      }
    }
  });

  test("without an end it leads to the newest signed checkpoint", async () => {
    const proof = await json("/v1/proofs/consistency?from=100");
    expect(isConsistent(treeAt(100), signed(proof.checkpoint), proof.hashes)).toBe(true);
  });
});

describe("bad questions", () => {
  const cases: readonly (readonly [string, number, string, string | undefined])[] = [
    ["inclusion", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=0", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=-1", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=1.5", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=01", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=1e3", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=9007199254740993", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=1&seq=2", 400, "REQUEST_INVALID", "seq"],
    ["inclusion?seq=1&colour=red", 400, "REQUEST_INVALID", "colour"],
    ["inclusion?seq=5&size=4", 400, "REQUEST_INVALID", "size"],
    ["inclusion?seq=99999999", 404, "RECORD_UNKNOWN", "seq"],
    ["inclusion?seq=1&size=99999999", 404, "RECORD_UNKNOWN", "size"],
    ["consistency", 400, "REQUEST_INVALID", "from"],
    ["consistency?from=0&to=5", 400, "REQUEST_INVALID", "from"],
    ["consistency?from=5&to=4", 400, "REQUEST_INVALID", "to"],
    ["consistency?from=5&to=99999999", 404, "RECORD_UNKNOWN", "to"],
    ["consistency?from=99999999", 404, "RECORD_UNKNOWN", "from"],
    ["exclusion?seq=1", 404, "ROUTE_UNKNOWN", undefined],
  ];
  for (const [question, status, code, field] of cases) {
    test(`${question} is ${code}`, async () => {
      const answer = await get(`/v1/proofs/${question}`);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      const body: any = await answer.json();
      expect([answer.status, body.code, body.field]).toEqual([status, code, field]);
    });
  }
});

describe("tiles", () => {
  test("make up the signed root, and are what the entries hash to", async () => {
    const checkpoint = await get("/tlog/checkpoint");
    expect(checkpoint.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const tree = signed(await checkpoint.text());
    const token = folder.token("publisher");
    const hashes: Buffer[] = [];
    const above: Buffer[] = [];
    for (const { level, path, width } of tilesOf(tree.size)) {
      const answer = await get(`/tlog/tile/${level}/${path}`);
      expect(answer.headers.get("content-type")).toBe("application/octet-stream");
      expect(answer.headers.get("cache-control")).toContain("immutable");
      const tile = Buffer.from(await answer.arrayBuffer());
      expect(tile.length).toBe(width * 32);
      for (let at = 0; at < tile.length; at += 32) {
        (level === 0 ? hashes : above).push(tile.subarray(at, at + 32));
      }
      if (level > 0) continue;
      const bundle = await get(`/tlog/tile/entries/${path}`, token, {
        "accept-encoding": "identity",
      });
      expect(bundle.headers.get("content-type")).toBe("application/octet-stream");
      const entries = entriesOf(new Uint8Array(await bundle.arrayBuffer()));
      expect(Buffer.concat(entries.map(entryLeaf)).equals(tile)).toBe(true);
    }
    expect(rootOf(hashes).toString("base64")).toBe(tree.root);
    const full = Math.floor(tree.size / 256);
    const roots = Array.from({ length: full }, (_, at) =>
      rootOf(hashes.slice(at * 256, at * 256 + 256)),
    );
    expect(above.map(String)).toEqual(roots.map(String));
  });

  test("a narrower tile is the beginning of a wider one", async () => {
    const whole = Buffer.from(await (await get("/tlog/tile/0/001")).arrayBuffer());
    for (const width of [1, 17, 255]) {
      const part = Buffer.from(await (await get(`/tlog/tile/0/001.p/${width}`)).arrayBuffer());
      expect(part.equals(whole.subarray(0, width * 32))).toBe(true);
    }
  });

  test("entries come compressed to whoever asks for it", async () => {
    const raw = await fetch(`${started.primary.url}/tlog/tile/entries/000`, {
      headers: { authorization: `Bearer ${folder.token("edge-eu")}`, "accept-encoding": "gzip" },
      decompress: false,
    } as RequestInit);
    expect(raw.headers.get("content-encoding")).toBe("gzip");
    const entries = entriesOf(gunzipSync(await raw.arrayBuffer()));
    expect(entries.map((one) => entryLeaf(one).toString("hex"))).toEqual(
      leaves.slice(0, 256).map((leaf) => leaf.toString("hex")),
    );
  });

  test("entries are for processes that read the whole book", async () => {
    for (const name of ["edge-eu", "publisher"]) {
      expect((await get("/tlog/tile/entries/000", folder.token(name))).status).toBe(200);
    }
    for (const name of ["api-read", "api-admin", "bot"]) {
      const answer = await get("/tlog/tile/entries/000", folder.token(name));
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: "ACCESS_SCOPE" });
    }
    expect((await get("/tlog/tile/entries/000")).status).toBe(401);
  });

  for (const path of [
    "tile/0/003",
    "tile/0/002",
    "tile/0/x001/000",
    "tile/0/x000/000",
    "tile/0/0",
    "tile/0/0000",
    "tile/00/000",
    "tile/8/000",
    "tile/-1/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/002.p/255",
    "tile/1/000",
    "tile/2/000",
    "tile/entries/009",
    "tile/0/",
    "tile/",
    "../healthz",
    "",
  ]) {
    test(`there is no ${path === "" ? "root" : path}`, async () => {
      const token = path.includes("entries") ? folder.token("edge-eu") : undefined;
      expect((await get(`/tlog/${path}`, token)).status).toBe(path === "../healthz" ? 200 : 404);
    });
  }
});

test("strangers can't take the writer's time: beyond the budget they have to wait", async () => {
  const answers = await Promise.all(
    Array.from({ length: 150 }, () => get("/v1/proofs/inclusion?seq=1")),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].every((status) => status === 200 || status === 503)).toBe(true);
  const refused = answers.find(({ status }) => status === 503);
  expect(refused?.headers.get("retry-after")).toBe("1");
  expect(await refused?.json()).toMatchObject({ code: "OVERLOADED" });
  // Tests run in any order: the next one finds the budget filled again.
  await Bun.sleep(1_000);
});
