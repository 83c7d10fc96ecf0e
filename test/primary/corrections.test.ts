/**
 * Goal: corrections find what they correct, in the same group as in an old record, before and after
 * a restart; fifty callers with one bet place one bet.
 * Method: a primary in this process on a real folder, with development keys; started again on what
 * it wrote, by its log alone.
 */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { Code } from "../../src/ledger/index.ts";
import type { AppendEvent } from "../../src/primary/index.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { bet, deposit, event, registration, settlement } from "./events.ts";
import { makeFolder, startIn } from "./folder.ts";

const taken = (winTxnId: string) => event({ case: "winRolledBack", value: { winTxnId } });
const voided = (betTxnId: string, betSource = "") =>
  event({ case: "betVoided", value: { betTxnId, reason: "test", betSource } });
const again = (betTxnId: string, minor: bigint, txnId = "") =>
  event({ case: "betResettled", value: { betTxnId, win: { minor }, reason: "test" } }, { txnId });
const closed = (roundId: string) => event({ case: "roundClosed", value: {} }, { roundId });

const codes = (receipts: readonly Receipt[]): number[] => receipts.map(({ code }) => code);
const available = (receipts: readonly Receipt[]) => receipts.at(-1)!.balances[0]?.available;

test("corrections follow what stands, in one group and after a restart", async () => {
  await using folder = await makeFolder();
  let started = await startIn(folder);
  const as = async (key: string, ...events: Uint8Array[]) => {
    const own = await folder.credential(key);
    // A provider whose people may correct its bets.
    const scopes = new Set([...own.scopes, "admin" as const]);
    const types = new Set([...own.events, "bet_voided" as const, "bet_resettled" as const]);
    const access = { ...own, scopes, events: types };
    return started.primary.append(events.map((one): AppendEvent => ({ event: one, access })));
  };
  const send = (...events: Uint8Array[]) => as("api-play", ...events);
  const ref = (await send(registration()))[0]!.playerRef;
  await send(deposit(ref, 100n));

  const inRound = { roundId: "r" };
  const group = await send(
    bet(ref, 10n, "a", inRound),
    bet(ref, 10n, "b", inRound),
    bet(ref, 10n, "c", inRound),
    event(
      { case: "roundSettled", value: { betTxnId: "a", win: { minor: 50n } } },
      { txnId: "w", roundId: "r" },
    ),
    again("a", 30n, "w2"),
    taken("w"),
    taken("w2"),
    again("a", 40n, "w3"),
    closed("r"),
    again("b", 5n),
    voided("c"),
  );
  const { OK } = Code;
  const already = Code.WIN_ALREADY_ROLLED_BACK;
  expect(codes(group)).toEqual([OK, OK, OK, OK, OK, OK, already, OK, OK, OK, OK]);
  // 100 - 10 + 40 for a, - 10 + 5 for b, nothing for c.
  expect(available(group)).toBe(125n);
  // An equal body under the same key is the same correction.
  const once = again("b", 6n);
  const twice = await send(once, once);
  expect(twice.map(({ replayed }) => replayed)).toEqual([false, true]);

  await started.primary.stop();
  expect(started.fatal).toEqual([]);
  // Records alone must do.
  for (const end of ["", "-wal", "-shm"]) rmSync(`${folder.paths.state}${end}`, { force: true });
  started = await startIn(folder);
  const late = await as("api-admin", voided("a", "api-play"), voided("b", "api-play"));
  expect(codes(late)).toEqual([OK, OK]);
  expect(available(late)).toBe(100n);
  const refused = await send(
    taken("w3"),
    voided("a"),
    again("b", 1n),
    settlement("c", 1n),
    bet(ref, 1n, "w", { roundId: "r2" }),
    bet(ref, 1n, "d", inRound),
  );
  expect(codes(refused)).toEqual([
    Code.BET_VOIDED,
    Code.BET_ALREADY_VOIDED,
    Code.BET_VOIDED,
    Code.BET_ALREADY_SETTLED,
    Code.TXN_DUPLICATE,
    Code.ROUND_CLOSED,
  ]);
  await started.primary.stop();
  expect(started.fatal).toEqual([]);
}, 60_000);

test("fifty callers with one bet at once: one posting", async () => {
  await using folder = await makeFolder();
  const started = await startIn(folder);
  const access = await folder.credential("api-play");
  const send = (one: Uint8Array) => started.primary.append([{ event: one, access }]);
  const ref = (await send(registration()))[0]!.playerRef;
  await send(deposit(ref, 100n));
  for (const key of ["one key", ""]) {
    const txn = `t ${key}`;
    const same = () => bet(ref, 10n, txn, key === "" ? {} : { idempotencyKey: key });
    const receipts = (await Promise.all(Array.from({ length: 50 }, () => send(same())))).flat();
    const placed = receipts.filter(({ code, replayed }) => code === Code.OK && !replayed);
    expect(placed).toHaveLength(1);
    const rest = receipts.filter((receipt) => receipt !== placed[0]);
    expect(new Set(codes(rest))).toEqual(new Set([key === "" ? Code.BET_DUPLICATE : Code.OK]));
  }
  expect(available(await send(deposit(ref, 1n)))).toBe(81n);
  await started.primary.stop();
  expect(started.fatal).toEqual([]);
}, 60_000);
