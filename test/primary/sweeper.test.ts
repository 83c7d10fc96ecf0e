/**
 * Goal: bonuses and withdrawals whose time is over end in the book by themselves, once, whatever
 * happens to the process; nothing ends early.
 * Method: a primary in this process whose clock is moved; then real processes that are killed while
 * they sweep. The records are read back.
 */
import { expect, test } from "bun:test";
import { credentialFrom, type Credential, type CredentialClaims } from "../../src/access/index.ts";
import { Code } from "../../src/ledger/index.ts";
import { expiryKey } from "../../src/primary/sweeper.ts";
import { decodeRecord } from "../../src/primary/record-codec.ts";
import { systemClock, type Clock } from "../../src/runtime/index.ts";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import { Funding } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { createLedgerClient } from "../../src/wire/index.ts";
import { event, registration, settlement } from "./events.ts";
import { makeFolder, startIn, type Folder } from "./folder.ts";
import { startProcess, type PrimaryProcess } from "./process.ts";

const SECOND_US = 1_000_000;
const WAIT_MS_MAX = 15_000;
/** Bonuses that are due together. */
const WAVE = 10;

/** Both clocks go on together: time passes, nothing jumps. */
class PassingClock implements Clock {
  passedUs = 0;
  nowUs(): number {
    return systemClock.nowUs() + this.passedUs;
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.passedUs / 1000;
  }
}

const CLAIMS: CredentialClaims = {
  sub: "api-all",
  role: "api",
  op: "demo",
  src: "api-all",
  scopes: ["read", "play", "cashier", "admin"],
  events: [
    "player_registered",
    "deposit_captured",
    "bet_placed",
    "round_settled",
    "bonus_granted",
    "bonus_expired",
    "withdrawal_requested",
    "withdrawal_extended",
  ],
  currencies: ["*"],
  rails: ["play", "test-card"],
  win_ceiling: { "*": "1000000000" },
};

const granted = (playerRef: string, bonusId: string, expiresAt: number) => {
  const amount = { minor: 100n, currency: "FUN" };
  const value = { bonusId, amount, expiresAt: BigInt(expiresAt) };
  return event({ case: "bonusGranted", value }, { playerRef });
};
const bonusBet = (playerRef: string, txnId: string, minor: bigint) => {
  const value = { amount: { minor, currency: "FUN" }, funding: Funding.BONUS };
  return event({ case: "betPlaced", value }, { playerRef, txnId, roundId: `r-${txnId}` });
};
const cardDeposit = (playerRef: string, minor: bigint) => {
  const value = { amount: { minor, currency: "USD" }, rail: "test-card", externalId: "x" };
  return event({ case: "depositCaptured", value }, { playerRef });
};
const requested = (playerRef: string, txnId: string, expiresAt: number) => {
  const amount = { minor: 10n, currency: "USD" };
  const value = { amount, rail: "test-card", destinationHash: "d", expiresAt: BigInt(expiresAt) };
  return event({ case: "withdrawalRequested", value }, { playerRef, txnId });
};

/** The expiries in a book, by key. */
function expiries(folder: Folder): Map<string, ReturnType<typeof decodeRecord>> {
  using view = openLedgerView(folder.paths.ledger);
  const found = new Map<string, ReturnType<typeof decodeRecord>>();
  for (const stored of view.reader.read(1, 100_000)) {
    const record = decodeRecord(stored);
    const { type } = record.command.payload;
    if (type !== "bonus_expired" && type !== "withdrawal_expired") continue;
    expect(found.has(record.command.idempotencyKey)).toBe(false);
    found.set(record.command.idempotencyKey, record);
  }
  return found;
}

async function until(holds: () => boolean, stepMs = 25): Promise<void> {
  const end = systemClock.monotonicMs() + WAIT_MS_MAX;
  while (!holds()) {
    if (systemClock.monotonicMs() > end) throw new Error("it didn't happen in time");
    await Bun.sleep(stepMs);
  }
}

test("what is due ends by itself, and nothing else does", async () => {
  await using folder = await makeFolder();
  const clock = new PassingClock();
  const { primary, fatal } = await startIn(folder, { clock });
  const access: Credential = credentialFrom(CLAIMS);
  const send = async (one: Uint8Array) => (await primary.append([{ event: one, access }]))[0]!;
  const { playerRef } = await send(registration());
  const soon = clock.nowUs() + 10 * SECOND_US;
  const long = `b${"x".repeat(127)}`;
  for (const one of [
    cardDeposit(playerRef, 1_000n),
    granted(playerRef, "soon", soon),
    granted(playerRef, long, soon),
    granted(playerRef, "later", soon + 3_600 * SECOND_US),
    granted(playerRef, "never", 0),
    requested(playerRef, "w1", soon),
    requested(playerRef, "w2", 0),
  ]) {
    const { code, field } = await send(one);
    expect([code as number, field]).toEqual([Code.OK, ""]);
  }
  // The bonus that expires first is in play when its time comes.
  expect((await send(bonusBet(playerRef, "t", 40n))).code as number).toBe(Code.OK);
  await Bun.sleep(1_200);
  expect(expiries(folder).size).toBe(0);

  clock.passedUs = 11 * SECOND_US;
  await until(() => expiries(folder).size >= 2);
  const keys = [expiryKey({ object: "bonus", key: long }, 1), "expire:hold:w1:1"];
  expect([...expiries(folder).keys()].sort()).toEqual(keys.sort());
  expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(128);
  for (const { command, outcome, event: message } of expiries(folder).values()) {
    expect(command).toMatchObject({ operatorId: "demo", source: "primary", playerRef });
    expect([outcome.code, message.surface as number]).toEqual([Code.OK, 5]);
    expect(outcome.recordedAt).toBeGreaterThanOrEqual(soon);
  }

  // With its last bet settled, the third comes as well.
  expect((await send(settlement("t", 50n))).code as number).toBe(Code.OK);
  await until(() => expiries(folder).size === 3);
  const { outcome } = expiries(folder).get("expire:bonus:soon:3")!;
  expect(outcome.postings.map(({ minor }) => minor)).toEqual([-110n, 110n]);
  expect(outcome.balances[0]).toMatchObject({ available: 0n, bonus: 200n, held: 0n });
  const returned = expiries(folder).get("expire:hold:w1:1")!.outcome.balances;
  expect(returned).toMatchObject([{ currency: "USD", available: 990n, held: 10n }]);
  await primary.stop();
  expect(fatal).toEqual([]);
});

/** Brings events through a process's Append. */
async function bring(process: PrimaryProcess, folder: Folder, key: string, events: Uint8Array[]) {
  const client = createLedgerClient({ baseUrl: process.url, token: folder.token("edge-eu") });
  const items = events.map((one) => ({ event: one, credential: 0 }));
  const { receipts } = await client.append({ credentials: [folder.token(key)], items });
  expect(receipts.map(({ code }) => code as number)).toEqual(events.map(() => Code.OK));
  return receipts;
}

test("a primary killed while it sweeps ends each bonus once", async () => {
  await using folder = await makeFolder();
  const waves = [1.5, 3.5, 5.5].map((seconds) => seconds * SECOND_US);
  let process = await startProcess(folder);
  try {
    const [player] = await bring(process, folder, "api-play", [registration()]);
    const { playerRef } = player!;
    // A bet from a bonus stays open over all of it: it remembers where its stake came from.
    await bring(process, folder, "api-admin", [granted(playerRef, "kept", 0)]);
    await bring(process, folder, "api-play", [bonusBet(playerRef, "t", 40n)]);
    const now = systemClock.nowUs();
    const times = waves.flatMap((wave) => Array.from({ length: WAVE }, (_, n) => now + wave + n));
    const grants = times.map((at, n) => granted(playerRef, `b${n}`, at));
    await bring(process, folder, "api-admin", grants);
    for (const [n] of waves.entries()) {
      // Killed as soon as the sweep is durable, when nobody has been answered yet or just so.
      await until(() => expiries(folder).size > n * WAVE, 2);
      await process.kill("SIGKILL");
      process = await startProcess(folder);
    }
    await until(() => expiries(folder).size === times.length);
    await Bun.sleep(1_200);
    const found = [...expiries(folder).keys()].sort();
    expect(found).toEqual(times.map((_, n) => `expire:bonus:b${n}:1`).sort());
    const [settled] = await bring(process, folder, "api-play", [settlement("t", 80n)]);
    expect(settled!.balances[0]).toMatchObject({ available: 0n, bonus: 140n, held: 0n });
    expect(await process.kill("SIGTERM")).toBe(0);
  } finally {
    await process[Symbol.asyncDispose]();
  }
}, 60_000);
