/**
 * A real book to damage: written by a primary through its own queue, closed cleanly.
 */
import { Database } from "bun:sqlite";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CredentialVerifier, ensureDevKeys } from "../../src/access/index.ts";
import { readConfig } from "../../src/config/index.ts";
import { logger } from "../../src/ops/index.ts";
import { startPrimary } from "../../src/primary/index.ts";
import { systemClock, uuidv7 } from "../../src/runtime/index.ts";
import { PAGE_ENTRY_BYTES } from "../../src/store/claim-pages.ts";
import { CLAIM_HASH_BYTES } from "../../src/store/claim-set.ts";
import { encodeEvent } from "../../src/wire/index.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";

const CLAIMS = "SELECT claims FROM claims_000000";

type Payload = NonNullable<Parameters<typeof encodeEvent>[0]["payload"]>;

/** A writer of events under development credentials. */
export interface Hand {
  /** Folder of the running book. */
  readonly dir: string;
  /** Address of its primary. */
  readonly url: string;
  /** Appends one group of events; each names its credential, its own fields and its payload. */
  append(...events: readonly Line[]): Promise<readonly Receipt[]>;
  player(id: number): Promise<string>;
}

/** One event in short. */
export interface Line {
  readonly by?: "play" | "cashier";
  readonly key?: string;
  readonly ref?: string;
  readonly round?: string;
  readonly txn?: string;
  readonly telegram?: number;
  readonly payload: Payload;
}

const fun = (units: number) => ({ minor: BigInt(units) * 1_000_000n, currency: "FUN" });

export const deposit = (ref: string, units: number): Line => ({
  ref,
  payload: { case: "depositCaptured", value: { amount: fun(units), rail: "play" } },
});
export const bet = (
  ref: string,
  txn: string,
  round: string,
  units: number,
  last = false,
): Line => ({
  ref,
  txn,
  round,
  payload: { case: "betPlaced", value: { amount: fun(units), closesRound: last } },
});
export const settle = (betTxnId: string, units: number, closesRound = false): Line => ({
  payload: { case: "roundSettled", value: { betTxnId, win: fun(units), closesRound } },
});
export const rollback = (betTxnId: string): Line => ({
  payload: { case: "betRolledBack", value: { betTxnId } },
});
export const dice = (ref: string, units: number, targetX100 = 5_000, over = true): Line => ({
  ref,
  payload: {
    case: "houseRound",
    value: { stake: fun(units), game: { case: "dice", value: { targetX100, over } } },
  },
});

/** Starts a primary on a new folder, lets `body` write, stops it. The caller removes the folder. */
export async function writeBook(body: (hand: Hand) => Promise<void>): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "countroom-verify-"));
  const keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
  const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
  const access = {
    play: await verifier.verify(keys.token("api-play")),
    cashier: await verifier.verify(keys.token("api-cashier")),
  };
  const config = readConfig("primary", {}, { COUNTROOM_DATA: dir, COUNTROOM_PORT: 0 });
  const log = logger("primary", { level: "error" });
  await using primary = await startPrimary({
    config,
    log,
    onFatal: (error) => console.error(error),
  });
  let keyNumber = 0;
  const append: Hand["append"] = (...lines) =>
    primary.append(
      lines.map(({ by, key, ref = "", round = "", txn = "", telegram, payload }) => ({
        access: access[by ?? "play"],
        event: encodeEvent({
          eventId: uuidv7(),
          occurredAt: 1n,
          idempotencyKey: key ?? `key-${(keyNumber += 1)}`,
          playerRef: ref,
          roundId: round,
          txnId: txn,
          payload,
        }),
        ...(telegram === undefined ? {} : { identity: identityOf(telegram) }),
      })),
    );
  const player: Hand["player"] = async (id) => {
    const value = { case: "playerRegistered" as const, value: {} };
    const [receipt] = await append({ telegram: id, payload: value });
    return String(receipt?.playerRef);
  };
  await body({ dir, url: primary.url, append, player });
  return dir;
}

/** The keyed hash that stands for a Telegram id in these tests. */
export function identityOf(id: number): { keyId: string; hash: Uint8Array } {
  const hash = new Bun.CryptoHasher("sha256").update(`identity ${id}`).digest();
  return { keyId: "k1", hash };
}

/** Copies a book, changes one of its files with the triggers gone, answers the copy. */
export function damage(dir: string, file: string, how: string | ((db: Database) => void)): string {
  const copy = mkdtempSync(join(tmpdir(), "countroom-damaged-"));
  cpSync(dir, copy, { recursive: true });
  using db = new Database(join(copy, file));
  const triggers = db.query("SELECT name FROM sqlite_master WHERE type = 'trigger'").values();
  for (const [name] of triggers) db.run(`DROP TRIGGER ${String(name)}`);
  if (typeof how === "string") db.run(how);
  else how(db);
  return copy;
}

/** A claim in a book's table, to be changed. */
export interface TabledClaim {
  readonly hash: Buffer;
  readonly seq: number;
}

/** Changes the claims of a small book: they lie on one page, which stays a sound one. */
export function changeClaims(how: (claims: readonly TabledClaim[]) => readonly TabledClaim[]) {
  return (db: Database): void => {
    const [row, second] = db.query<{ claims: Uint8Array }, []>(CLAIMS).all();
    if (row === undefined || second !== undefined) throw new Error("not one page of claims");
    const page = Buffer.from(row.claims);
    const entry = (at: number) => page.subarray(at * PAGE_ENTRY_BYTES, (at + 1) * PAGE_ENTRY_BYTES);
    const claims = Array.from({ length: page.length / PAGE_ENTRY_BYTES }, (_, at) => ({
      hash: entry(at).subarray(0, CLAIM_HASH_BYTES),
      seq: 1 + entry(at).readUInt32BE(CLAIM_HASH_BYTES),
    }));
    const changed = how(claims).map(({ hash, seq }) => {
      const bytes = Buffer.alloc(PAGE_ENTRY_BYTES);
      bytes.set(hash);
      bytes.writeUInt32BE(seq - 1, CLAIM_HASH_BYTES);
      return bytes;
    });
    db.run("UPDATE claims_000000 SET claims = ?", [Buffer.concat(changed.sort(Buffer.compare))]);
  };
}

/** Removes folders. */
export function remove(...dirs: readonly string[]): void {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
