/**
 * Goal: a caller gets with its receipts the proof that they are in the book, or is told that it is
 * pending; questions about the tree are answered by any edge.
 * Method: a whole deployment, asked through its edge, proofs checked by a verifier of the tests'
 * own; then an edge whose primary has no proofs.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ensureDevKeys } from "../../src/access/index.ts";
import { createEdge, NOTHING_KEPT } from "../../src/edge/index.ts";
import { logger } from "../../src/ops/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { EventBatchSchema, ReceiptBatchSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { isConsistent, isIncluded, openNote } from "../primary/witness.ts";
import { answerOf, deposit, Deployment, event, NOBODY, type Answer } from "./deployment.ts";
import { LedgerServer } from "./ledger-server.ts";

let site: Deployment;
let playerRef: string;
beforeAll(async () => {
  site = await Deployment.open();
  playerRef = await site.player("1000000");
});
afterAll(() => site[Symbol.asyncDispose]());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function post(query: string, body: unknown): Promise<Answer> {
  return answerOf(
    await fetch(`${site.edge.url}/v1/events${query}`, {
      method: "POST",
      headers: { ...bearer(site.key("play")), "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function ask(path: string, key: string = site.key("read")): Promise<Answer> {
  return answerOf(await fetch(site.edge.url + path, { headers: bearer(key) }));
}

describe("receipts with proofs", () => {
  test("in JSON: each record has its own, rejected events have none", async () => {
    const again = deposit(playerRef, "1", "proof-again");
    await site.settle(again);
    const bad = { ...event(), player_ref: playerRef, bet_placed: { amount: { minor: "x" } } };
    const poor = {
      ...event(),
      player_ref: playerRef,
      round_id: "r",
      txn_id: "t",
      bet_placed: { amount: { minor: "999999999999", currency: "FUN" } },
    };
    const answer = await post("?proof=true", {
      events: [deposit(playerRef, "5"), again, bad, poor],
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("countroom-proof")).toBe("included");
    const { receipts } = answer.body;
    expect(receipts.map(({ status }: any) => status)).toEqual([
      "accepted",
      "accepted",
      "rejected",
      "refused",
    ]);
    expect(receipts[1].replayed).toBe(true);
    expect(receipts[2].proof).toBeUndefined();
    for (const { seq, proof } of [receipts[0], receipts[1], receipts[3]]) {
      expect(proof.leaf_index).toBe(String(Number(seq) - 1));
      expect(isIncluded(proof, openNote(proof.checkpoint, site.keys.signingPublic))).toBe(true);
    }
  });

  test("in Protobuf: the same", async () => {
    const value = { amount: { minor: 3n, currency: "FUN" } };
    const payload = { case: "depositCaptured" as const, value };
    const batch = create(EventBatchSchema, {
      events: [{ idempotencyKey: Bun.randomUUIDv7(), playerRef, payload }],
    });
    const answer = await fetch(`${site.edge.url}/v1/events?proof=true`, {
      method: "POST",
      headers: { ...bearer(site.key("play")), "content-type": "application/protobuf" },
      body: toBinary(EventBatchSchema, batch) as Uint8Array<ArrayBuffer>,
    });
    expect(answer.headers.get("countroom-proof")).toBe("included");
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const { proof, seq } = fromBinary(ReceiptBatchSchema, bytes).receipts[0]!;
    const text = (hash: Uint8Array): string => Buffer.from(hash).toString("base64");
    const plain = {
      leaf_index: String(proof!.leafIndex),
      tree_size: String(proof!.treeSize),
      leaf_hash: text(proof!.leafHash),
      hashes: proof!.hashes.map(text),
    };
    expect(proof!.leafIndex).toBe(seq - 1n);
    expect(isIncluded(plain, openNote(proof!.checkpoint, site.keys.signingPublic))).toBe(true);
  });

  test("nobody gets one unasked, and nobody gets too many", async () => {
    const plain = await post("", deposit(playerRef, "1"));
    expect(plain.headers.get("countroom-proof")).toBeNull();
    expect(plain.body["receipts"][0].proof).toBeUndefined();
    expect((await post("?proof=false", deposit(playerRef, "1"))).status).toBe(200);
    for (const query of ["?proof=yes", "?proof=", "?proof=true&proof=true"]) {
      const answer = await post(query, deposit(playerRef, "1"));
      expect([answer.status, answer.body["field"]]).toEqual([400, "proof"]);
    }
    const head = await site.head();
    const many = Array.from({ length: 101 }, () => deposit(playerRef, "1"));
    const answer = await post("?proof=true", many);
    expect([answer.status, answer.body["code"]]).toEqual([413, "REQUEST_TOO_MANY_EVENTS"]);
    expect(await site.head()).toBe(head);
    expect((await post("?proof=true", many.slice(1))).status).toBe(200);
  });
});

describe("questions about the tree", () => {
  test("are answered through the edge", async () => {
    const { body } = await ask("/v1/proofs/inclusion?seq=2");
    const tree = openNote(body["checkpoint"], site.keys.signingPublic);
    expect(isIncluded(body as never, tree)).toBe(true);
    const old = await ask("/v1/proofs/inclusion?seq=1&size=1");
    const first = { size: 1, root: String(old.body["leaf_hash"]) };
    const grown = await ask(`/v1/proofs/consistency?from=1&to=${tree.size}`);
    expect(isConsistent(first, tree, grown.body["hashes"])).toBe(true);
  });

  test("need a key that reads, and sense", async () => {
    const cases: readonly (readonly [string, string, number, string])[] = [
      ["/v1/proofs/inclusion?seq=1", "nonsense", 401, "ACCESS_UNAUTHENTICATED"],
      ["/v1/proofs/inclusion?seq=1", site.keys.token("edge-eu"), 403, "ACCESS_SCOPE"],
      ["/v1/proofs/inclusion?seq=x", site.key("read"), 400, "REQUEST_INVALID"],
      ["/v1/proofs/inclusion?seq=999999", site.key("read"), 404, "RECORD_UNKNOWN"],
      [`/v1/proofs/inclusion?seq=${"1".repeat(300)}`, site.key("read"), 413, "REQUEST_TOO_LARGE"],
      ["/tlog/tile/entries/000", site.key("admin"), 404, "ROUTE_UNKNOWN"],
    ];
    for (const [path, key, status, code] of cases) {
      const answer = await ask(path, key);
      expect([path, answer.status, answer.body["code"]]).toEqual([path, status, code]);
    }
  });
});

test("without proofs from the primary, receipts come all the same and say so", async () => {
  const dir = mkdtempSync(join(tmpdir(), "countroom-proofs-"));
  const keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
  await using server = await LedgerServer.open();
  await using edge = createEdge({
    region: "eu",
    edgeId: "eu",
    deployment: "dev",
    primaryUrl: server.url,
    publisherUrl: "http://127.0.0.1:9",
    token: keys.token("edge-eu"),
    accessKey: keys.accessPublic,
    signingKey: keys.signingPublic,
    identityKey: () => keys.identity,
    checkpointFile: join(dir, "checkpoint"),
    workers: 1,
    clock: systemClock,
    log: logger("test", { level: "silent" }),
    keeper: () => NOTHING_KEPT,
  });
  const request = new Request("http://edge/v1/events?proof=true", {
    method: "POST",
    headers: { ...bearer(keys.token("api-play")), "content-type": "application/json" },
    body: JSON.stringify(deposit(NOBODY, "1")),
  });
  const answer = await answerOf(await edge.fetch(request));
  expect([answer.status, answer.headers.get("countroom-proof")]).toEqual([200, "pending"]);
  expect(answer.body["receipts"][0]).toMatchObject({ status: "accepted", seq: "1" });
  expect(answer.body["receipts"][0].proof).toBeUndefined();
  rmSync(dir, { recursive: true });
});
