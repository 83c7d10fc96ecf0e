/**
 * Goal: whatever kills search, and however often, its rows are those of a fresh rebuild; an edge
 * says kindly that it is away.
 * Method: real processes, SIGKILL in the middle of traffic.
 */
import { afterEach, expect, test } from "bun:test";
import { searchHash } from "../../src/search/index.ts";
import { until } from "../edge/deployment.ts";
import { rebuiltHash, Site } from "./site.ts";

const KILLS = 4;
let site: Site;
afterEach(() => site?.[Symbol.asyncDispose]());

const money = (minor: number) => ({ minor: String(minor), currency: "FUN" });

/** Rounds of one player, one request after the other, until told to stop. */
async function traffic(ref: string, stop: AbortSignal): Promise<number> {
  let count = 0;
  while (!stop.aborted) {
    count += 1;
    const id = `${ref.slice(-6)}-${count}`;
    const bet = { player_ref: ref, round_id: id, txn_id: id, bet_placed: { amount: money(5) } };
    const round_settled = { bet_txn_id: id, win: money(count % 9), closes_round: count % 2 === 0 };
    const receipts = await site.post([
      { idempotency_key: `b${id}`, ...bet },
      { idempotency_key: `w${id}`, txn_id: `w${id}`, round_settled },
    ]);
    expect(receipts.map(({ code }) => code)).toEqual(["OK", "OK"]);
  }
  return count;
}

test("killed in the middle of traffic, it goes on where it was, exactly once", async () => {
  site = await Site.open();
  const players: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const key = `p${count}`;
    const [registered] = await site.post([{ idempotency_key: key, player_registered: {} }]);
    const deposit_captured = { amount: money(1_000_000) };
    const { player_ref } = registered;
    await site.post([{ idempotency_key: `d${count}`, player_ref, deposit_captured }]);
    players.push(player_ref);
  }
  const stop = new AbortController();
  const running = Promise.all(players.map((ref) => traffic(ref, stop.signal)));
  const seen: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Sometimes while it catches up, sometimes while it writes, sometimes at rest.
    await Bun.sleep(100 + kill * 450);
    site.search.kill("SIGKILL");
    await site.search.exited;
    seen.push(searchHash(site.file)?.seq ?? 0);
    if (kill === 1) {
      const away = await site.ask(`/v1/players/${players[0]}/statement`);
      expect(away).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
      expect(away.headers.get("retry-after")).toBe("1");
    }
    await site.startSearch();
  }
  stop.abort();
  const rounds = await running;
  await site.caughtUp();
  const records = await site.records();
  const total = rounds.reduce((sum, count) => sum + count, 0);
  expect(records.length).toBe(1 + 3 * 2 + 2 * total);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBeGreaterThan(seen[0]!);
  const { seq, hash } = searchHash(site.file)!;
  expect(seq).toBe(records.length);
  expect(hash).toBe(rebuiltHash(records));
}, 40_000);

test("a clean stop, and one folder for one process", async () => {
  site = await Site.open({ edge: false });
  await site.caughtUp();
  await expect(site.startSearch()).rejects.toThrow("DATA_LOCKED");
  site.search.kill("SIGTERM");
  expect(await site.search.exited).toBe(0);
  await site.startSearch();
  // It serves what it has while the primary is away, and says how old it is.
  site.primary.kill("SIGKILL");
  await site.primary.exited;
  await until("the loss to be noticed", async () => {
    const body = (await (await fetch(`${site.search.url}/readyz`)).json()) as any;
    return body.state === "disconnected";
  });
  const { status, body } = await site.askSearch("/v1/rounds/none");
  expect(status).toBe(404);
  expect(body["freshness"]).toMatchObject({ epoch: 1, seq: 1 });
  await site.startPrimary();
  await site.caughtUp();
}, 20_000);
