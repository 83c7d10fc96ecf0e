/**
 * Goal: consumers get every record once and in order, from any seq, past and live; state that its
 * checkpoint signs; balances and bookmarks as the writer knows them; and only with a right token.
 * Method: a primary in this process, asked over HTTP through the real client.
 */
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Code, leafHash, StateDigest, TreeEdge } from "../../src/ledger/index.ts";
import { HEARTBEAT_MS } from "../../src/primary/limits.ts";
import { uuidv7 } from "../../src/runtime/index.ts";
import type { SealedRecord } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { createLedgerClient, openCheckpoint, type LedgerClient } from "../../src/wire/index.ts";
import { bet, deposit, FUN, registration } from "./events.ts";
import { makeFolder, startIn, type Folder, type Started } from "./folder.ts";

let folder: Folder;
let started: Started;
let client: LedgerClient;
let player: string;
beforeAll(async () => {
  folder = await makeFolder();
  started = await startIn(folder);
  client = clientAs("edge-eu");
  player = (await append(registration()))[0]!.playerRef;
  await append(deposit(player, 100n * FUN));
});
afterAll(async () => {
  await started.primary.stop();
  expect(started.fatal).toEqual([]);
  await folder[Symbol.asyncDispose]();
});

const clientAs = (name: string): LedgerClient =>
  createLedgerClient({ baseUrl: started.primary.url, token: folder.token(name) });

async function append(...events: Uint8Array[]) {
  const response = await client.append({
    credentials: [folder.token("api-play")],
    items: events.map((event) => ({ event, credential: 0 })),
  });
  return response.receipts;
}

async function connectCode(call: Promise<unknown>): Promise<ConnectCode | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => ConnectError.from(error).code,
  );
}

/** Reads a tail until `enough` says so. */
async function tail(from: number, enough: (records: readonly SealedRecord[]) => boolean) {
  const stop = new AbortController();
  const records: SealedRecord[] = [];
  const notes: string[] = [];
  try {
    for await (const message of client.tail({ fromSeq: BigInt(from) }, { signal: stop.signal })) {
      records.push(...message.records);
      if (message.checkpoint !== "") notes.push(message.checkpoint);
      if (enough(records)) break;
    }
  } finally {
    stop.abort();
  }
  return { records, notes };
}

describe("Append", () => {
  test("binary and JSON answer the same", async () => {
    const key = { idempotencyKey: uuidv7(), eventId: uuidv7() };
    const [binary] = await append(deposit(player, FUN, key));
    const response = await fetch(`${started.primary.url}/countroom.v1.LedgerService/Append`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${folder.token("edge-eu")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        credentials: [folder.token("api-play")],
        items: [{ event: Buffer.from(deposit(player, FUN, key)).toString("base64") }],
      }),
    });
    const { receipts } = (await response.json()) as { receipts: Record<string, unknown>[] };
    expect(receipts[0]).toMatchObject({
      code: "CODE_OK",
      replayed: true,
      seq: String(binary!.seq),
      recordedAt: String(binary!.recordedAt),
    });
  });

  test("judges each item by its own credential", async () => {
    const { receipts } = await client.append({
      credentials: [folder.token("api-play"), "no.such.token", folder.token("api-read")],
      items: [0, 1, 2, 3].map((credential) => ({ event: deposit(player, 1n), credential })),
    });
    expect(receipts.map(({ code }): number => code)).toEqual([
      Code.OK,
      Code.ACCESS_UNAUTHENTICATED,
      Code.ACCESS_SCOPE,
      Code.ACCESS_UNAUTHENTICATED,
    ]);
  });

  test("turns away strangers, wrong roles and too much", async () => {
    const { url } = started.primary;
    const one = { items: [{ event: deposit(player, FUN) }] };
    const stranger = createLedgerClient({ baseUrl: url, token: "x.y.z" });
    expect(await connectCode(stranger.append(one))).toBe(ConnectCode.Unauthenticated);
    for (const name of ["api-play", "bot", "publisher"]) {
      expect(await connectCode(clientAs(name).append(one))).toBe(ConnectCode.PermissionDenied);
    }
    const play = clientAs("api-play");
    expect(await connectCode(play.getBalance({}))).toBe(ConnectCode.PermissionDenied);
    const many = Array.from({ length: 1_001 }, () => ({ event: new Uint8Array(1) }));
    expect(await connectCode(client.append({ items: many }))).toBe(ConnectCode.InvalidArgument);
    const large = [{ event: new Uint8Array(5 * 1024 * 1024) }];
    expect(await connectCode(client.append({ items: large }))).not.toBeUndefined();
    const garbage = await fetch(`${url}/countroom.v1.LedgerService/Append`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${folder.token("edge-eu")}`,
        "content-type": "application/proto",
      },
      body: new Uint8Array([255, 255, 255]),
    });
    expect([garbage.status, await garbage.text()]).toEqual([
      400,
      expect.stringContaining("REQUEST_MALFORMED"),
    ]);
    expect((await append(deposit(player, FUN)))[0]!.code).toBe(1);
  });
});

describe("Tail", () => {
  test("gives the past, then what comes, without gap or repetition", async () => {
    const count = 3_000;
    const seen = tail(1, (records) => records.length >= count);
    for (let made = 0; made < count; made += 500) {
      await append(...Array.from({ length: 500 }, () => deposit(player, 1n)));
    }
    const { records, notes } = await seen;
    const tree = new TreeEdge();
    const roots = new Map<number, Uint8Array>();
    for (const { event, outcome } of records) {
      tree.append(leafHash(event, outcome));
      roots.set(tree.size, tree.root());
    }
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) {
      const { size, root } = openCheckpoint(note, folder.keys.signingPublic);
      if (roots.has(size)) expect(Buffer.compare(roots.get(size)!, root)).toBe(0);
    }
    const again = await tail(2_001, ({ length }) => length >= 500);
    expect(again.records[0]).toEqual(records[2_000]);
  });

  test("carries an identity with the record that bound it, past and live", async () => {
    const identity = { keyId: "k1", hash: new Uint8Array(32).fill(3) };
    const { receipts } = await client.append({
      credentials: [folder.token("bot")],
      items: [{ event: registration(), identity }],
    });
    const { records } = await tail(Number(receipts[0]!.seq), ({ length }) => length > 0);
    expect(records[0]!.identity).toMatchObject(identity);
  });

  test("heartbeats while nothing happens", async () => {
    const stop = new AbortController();
    const head = (await client.getBalance({ playerRef: player })).headSeq;
    const times: number[] = [];
    try {
      const from = { fromSeq: head + 1n };
      for await (const message of client.tail(from, { signal: stop.signal })) {
        expect(message.headSeq).toBe(head);
        expect(message.epoch).toBe(1n);
        expect(message.sentAt).toBeGreaterThan(0n);
        times.push(performance.now());
        if (times.length === 5) break;
      }
    } finally {
      stop.abort();
    }
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeLessThan(HEARTBEAT_MS * 4);
  });

  test("doesn't start where there is nothing, and not without a right", async () => {
    expect(await connectCode(tail(0, () => true))).toBe(ConnectCode.InvalidArgument);
    expect(await connectCode(tail(1_000_000, () => true))).toBe(ConnectCode.OutOfRange);
    const other = clientAs("api-read").tail({ fromSeq: 1n });
    const first = other[Symbol.asyncIterator]().next();
    expect(await connectCode(first)).toBe(ConnectCode.PermissionDenied);
  });

  test("a reader that stops reading costs no memory and holds nobody up", async () => {
    const stop = new AbortController();
    const slow = client.tail({ fromSeq: 1n }, { signal: stop.signal })[Symbol.asyncIterator]();
    const first = await slow.next();
    const before = process.memoryUsage().rss;
    const key = "k".repeat(100);
    for (let made = 0; made < 20; made += 1) {
      const batch = Array.from({ length: 1_000 }, () => deposit(player, 1n, { causationId: key }));
      await append(...batch);
    }
    const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
    expect(grown).toBeLessThan(200);
    let next = BigInt((first.value as { records: unknown[] }).records.length) + 1n;
    const { headSeq } = await client.getBalance({ playerRef: player });
    while (next <= headSeq) {
      const { value, done } = await slow.next();
      if (done === true) break;
      next += BigInt(value.records.length);
    }
    expect(next).toBe(headSeq + 1n);
    stop.abort();
  }, 30_000);
});

test("State streams rows that its checkpoint signs", async () => {
  const digest = new StateDigest();
  let head: { checkpoint: string; seq: bigint; walletRows: bigint; identityRows: bigint };
  let wallets = 0n;
  let identities = 0n;
  let done = false;
  for await (const message of client.state({})) {
    if (message.head !== undefined) head = message.head;
    for (const { playerRef, operatorId, status, balance, seq } of message.wallets) {
      const { currency, available, bonus, held, version } = balance!;
      wallets += 1n;
      digest.add({
        playerRef,
        operatorId,
        status: status as 1,
        currency,
        available,
        bonus,
        held,
        version: Number(version),
        seq: Number(seq),
      });
    }
    for (const { operatorId, identity, playerRef } of message.identities) {
      identities += 1n;
      digest.add({ operatorId, keyId: identity!.keyId, hash: identity!.hash, playerRef });
    }
    done = message.done;
  }
  expect(done).toBe(true);
  const signed = openCheckpoint(head!.checkpoint, folder.keys.signingPublic);
  expect(BigInt(signed.size)).toBe(head!.seq);
  expect([wallets, identities]).toEqual([head!.walletRows, head!.identityRows]);
  expect(Buffer.compare(signed.state, digest.digest())).toBe(0);
});

describe("GetBalance", () => {
  test("tells rows, and where they stand", async () => {
    const [receipt] = await append(bet(player, FUN, uuidv7()));
    const answer = await client.getBalance({ playerRef: player, bookmark: receipt!.bookmark });
    expect(answer).toMatchObject({ code: Code.OK, playerRef: player, epoch: 1n });
    expect(answer.balances).toEqual(receipt!.balances);
    expect(answer.rowSeq).toBe(receipt!.seq);
    const other = await client.getBalance({ playerRef: player, operatorId: "another" });
    expect(other.code).toBe(5);
    expect((await client.getBalance({ playerRef: uuidv7() })).code).toBe(5);
  });

  test("judges bookmarks", async () => {
    const { headSeq } = await client.getBalance({ playerRef: player });
    const table: [string, number][] = [
      [`1-${headSeq}`, Code.OK],
      ["1-0", Code.OK],
      [`1-${headSeq + 1_000n}`, Code.BOOKMARK_UNKNOWN],
      ["2-1", Code.BOOKMARK_UNKNOWN],
      ["0-1", Code.BOOKMARK_UNKNOWN],
      ["1", Code.BOOKMARK_MALFORMED],
      ["1--1", Code.BOOKMARK_MALFORMED],
    ];
    for (const [bookmark, code] of table) {
      const answer = await client.getBalance({ playerRef: player, bookmark });
      expect([bookmark, answer.code as number]).toEqual([bookmark, code]);
    }
  });
});

describe("HTTP", () => {
  test("health, readiness, metrics, and what isn't there", async () => {
    const { url } = started.primary;
    const get = async (path: string) => {
      const response = await fetch(url + path);
      return { status: response.status, text: await response.text() };
    };
    expect(JSON.parse((await get("/healthz")).text)).toMatchObject({ status: "ok", epoch: 1 });
    expect((await get("/readyz")).status).toBe(200);
    const { text } = await get("/metrics");
    for (const name of ["commits_total", "group_records", "commit_seconds", "queue_events"]) {
      expect(text).toContain(`countroom_primary_${name}`);
    }
    expect(text).toMatch(/head_seq\{role="primary"\} \d+/);
    expect(text).toMatch(/receipts_total\{code="OK",replayed="false",role="primary"\} \d+/);
    const nowhere = await get("/nowhere");
    expect([nowhere.status, JSON.parse(nowhere.text).code]).toEqual([404, "ROUTE_UNKNOWN"]);
  });

  test("checkpoints come at least once a second under load", async () => {
    const sizes = new Set<string>();
    const end = performance.now() + 3_000;
    while (performance.now() < end) {
      await append(deposit(player, 1n));
      const note = await (await fetch(`${started.primary.url}/v1/checkpoint`)).text();
      sizes.add(note.split("\n")[1]!);
    }
    expect(sizes.size).toBeGreaterThanOrEqual(3);
  });
});
