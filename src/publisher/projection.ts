/**
 * From records to rows: what the next tick will write, and the digest of all rows with it.
 *
 * Every change is judged before it is written, because a wrong page would reach every edge at once.
 *
 * @module
 */
import {
  AccountKind,
  Code,
  CODES,
  type StateDigest,
  PlayerStatus,
  type Balance,
  type Outcome,
} from "../ledger/index.ts";
import { PLAY_MONEY } from "../money/index.ts";
import type { IdentityRow, WalletDb, WalletRow } from "../store/wallet.ts";
import type { TailRecord } from "../wire/index.ts";
import { PublisherError } from "./errors.ts";
import { CHANGES_REFS_MAX } from "./limits.ts";
import { digestRow } from "./rows.ts";

/** Rows that wait for the next tick. */
export class Projection {
  readonly #db: WalletDb;
  readonly #digest: StateDigest;
  readonly #wallets = new Map<string, WalletRow>();
  readonly #identities = new Map<string, IdentityRow>();
  readonly #refs = new Set<string>();
  /** Rows changed since the digest was last brought up to date, as the digest still has them. */
  readonly #stale = new Map<string, WalletRow | undefined>();

  /** `digest` covers exactly the rows of `db`. */
  constructor(db: WalletDb, digest: StateDigest) {
    this.#db = db;
    this.#digest = digest;
  }

  /** Adds what a record changes. Throws TICK_WITHHELD when it breaks an invariant. */
  apply(record: TailRecord): void {
    const { outcome } = record;
    checkSums(outcome);
    const status = statusAfter(record);
    for (const balance of outcome.balances) this.#applyBalance(outcome, balance, status);
    if (record.identity === undefined) return;
    const { operatorId, playerRef } = outcome;
    const { keyId, hash } = record.identity;
    this.#bind({ operatorId, keyId, hash, playerRef }, outcome.seq);
  }

  /** Digest of all rows, those that wait included. */
  digest(): Uint8Array {
    this.#refresh();
    return this.#digest.digest();
  }

  /** The first 16 bytes of each bucket's digest, joined. */
  buckets(): Uint8Array {
    this.#refresh();
    return bucketPrefixes(this.#digest);
  }

  /** The rows that wait. {@link clear} follows once they are written. */
  pending(): {
    wallets: Iterable<WalletRow>;
    identities: Iterable<IdentityRow>;
    refs: Uint8Array | null;
  } {
    return {
      wallets: this.#wallets.values(),
      identities: this.#identities.values(),
      refs: this.#refs.size > CHANGES_REFS_MAX ? null : packRefs(this.#refs),
    };
  }

  clear(): void {
    this.#refresh();
    this.#wallets.clear();
    this.#identities.clear();
    this.#refs.clear();
  }

  /** `newStatus` is what the record makes the player's status, if it does. */
  #applyBalance(outcome: Outcome, balance: Balance, newStatus: PlayerStatus | undefined): void {
    const { playerRef, operatorId, seq } = outcome;
    const key = `${playerRef} ${balance.currency}`;
    const before = this.#row(playerRef, balance.currency);
    if (before !== undefined && before.version === balance.version) {
      if (!sameAmounts(before, balance)) {
        throw withheld(seq, `changes ${balance.currency} without a new version`);
      }
      return;
    }
    checkChange(outcome, before, balance);
    const { currency, available, bonus, held, version } = balance;
    // A row that opens shows the standing of its player, whom the first row knows.
    const known = before ?? this.#row(playerRef, PLAY_MONEY);
    const status = newStatus ?? known?.status ?? PlayerStatus.ACTIVE;
    const row = { operatorId, playerRef, currency, available, bonus, held, status, version, seq };
    if (!this.#stale.has(key)) this.#stale.set(key, before);
    this.#wallets.set(key, row);
    this.#refs.add(playerRef);
  }

  /** As the next tick will have it. */
  #row(playerRef: string, currency: string): WalletRow | undefined {
    return this.#wallets.get(`${playerRef} ${currency}`) ?? this.#db.wallet(playerRef, currency);
  }

  #bind(row: IdentityRow, seq: number): void {
    const key = `${row.operatorId}\0${row.keyId}\0${Buffer.from(row.hash).toString("hex")}`;
    const before =
      this.#identities.get(key) ?? this.#db.identity(row.operatorId, row.keyId, row.hash);
    if (before !== undefined) {
      if (before.playerRef === row.playerRef) return;
      throw withheld(seq, "binds an identity that belongs to another player");
    }
    this.#identities.set(key, row);
    this.#digest.add(row);
  }

  /** Rows that changed many times since are hashed once. */
  #refresh(): void {
    for (const [key, before] of this.#stale) {
      if (before !== undefined) this.#digest.remove(digestRow(before));
      this.#digest.add(digestRow(this.#wallets.get(key)!));
    }
    this.#stale.clear();
  }
}

/** The first 16 bytes of each bucket's digest, joined, as a head keeps them. */
export function bucketPrefixes(digest: StateDigest): Uint8Array {
  return Buffer.concat(digest.bucketDigests().map((bucket) => bucket.subarray(0, 16)));
}

function statusAfter({ command, outcome }: TailRecord): PlayerStatus | undefined {
  const { payload } = command;
  if (payload.type !== "player_status_changed" || outcome.code !== Code.OK) return undefined;
  return payload.status;
}

function checkSums(outcome: Outcome): void {
  const { seq } = outcome;
  const sums = new Map<string, bigint>();
  for (const { currency, minor } of outcome.postings) {
    sums.set(currency, (sums.get(currency) ?? 0n) + minor);
  }
  for (const [currency, sum] of sums) {
    if (sum !== 0n) throw withheld(seq, `has postings in ${currency} that don't sum to zero`);
  }
  if (CODES[outcome.code]?.recorded !== true) {
    throw withheld(seq, `has the code ${outcome.code}, which no record can have`);
  }
  if (CODES[outcome.code].status === "refused" && outcome.postings.length > 0) {
    throw withheld(seq, "is a refusal with postings");
  }
}

function checkChange(outcome: Outcome, before: WalletRow | undefined, after: Balance): void {
  const { seq } = outcome;
  if (after.available < 0n || after.bonus < 0n || after.held < 0n) {
    throw withheld(seq, `leaves a negative amount of ${after.currency}`);
  }
  if (after.version !== (before?.version ?? 0) + 1) {
    throw withheld(seq, `makes version ${after.version} of version ${before?.version ?? 0}`);
  }
  if (before !== undefined && before.operatorId !== outcome.operatorId) {
    throw withheld(seq, "changes a player of another operator");
  }
  const cash = posted(outcome, AccountKind.PLAYER_CASH, after.currency);
  const bonus = posted(outcome, AccountKind.PLAYER_BONUS, after.currency);
  const moved = after.available - (before?.available ?? 0n);
  if (moved !== cash || after.bonus - (before?.bonus ?? 0n) !== bonus) {
    throw withheld(seq, `changes ${after.currency} by other amounts than it posts`);
  }
}

function posted(outcome: Outcome, account: AccountKind, currency: string): bigint {
  let sum = 0n;
  for (const posting of outcome.postings) {
    if (posting.account === account && posting.currency === currency) sum += posting.minor;
  }
  return sum;
}

function sameAmounts(row: WalletRow, balance: Balance): boolean {
  return (
    row.available === balance.available && row.bonus === balance.bonus && row.held === balance.held
  );
}

function withheld(seq: number, why: string): PublisherError {
  return new PublisherError("TICK_WITHHELD", `record ${seq} ${why}`);
}

/** UUIDs as 16 bytes each. */
function packRefs(refs: ReadonlySet<string>): Uint8Array {
  return Buffer.from([...refs].join("").replaceAll("-", ""), "hex");
}
