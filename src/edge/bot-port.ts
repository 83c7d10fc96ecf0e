/**
 * What an edge offers to the apps mounted beside it: the bot now, game providers later.
 *
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";

/** How new an answer is, and where it comes from. */
export interface Freshness {
  readonly epoch: number;
  /** Newest record that the snapshot behind the answer contains. */
  readonly seq: number;
  /** Never less than the true age, milliseconds. */
  readonly ageMs: number;
  readonly source: "replica" | "primary" | "search";
}

/** A messenger identity as the book knows it: a keyed hash, never the id itself. */
export interface PlayerIdentity {
  readonly keyId: string;
  readonly hash: Uint8Array;
}

/** A player's balances in one currency; amounts in minor units of the currency. */
export interface BalanceView {
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: number;
}

/** One player's balances with their freshness and the bookmark that a later read may carry. */
export interface PlayerBalances {
  readonly playerRef: string;
  readonly balances: readonly BalanceView[];
  readonly freshness: Freshness;
  /** `<epoch>-<seq>` of the newest row returned. */
  readonly bookmark: string;
}

/** What an operation did to one of the player's accounts. */
export interface HistoryMove {
  readonly currency: string;
  /** cash, bonus, escrow, withdrawal_pending or debt. */
  readonly bucket: string;
  /** Minor units; negative when taken. */
  readonly amount: bigint;
  /** Of the account, after it. */
  readonly balance: bigint;
}

/** One record that moved a player's money. */
export interface HistoryEntry {
  readonly seq: number;
  /** Microseconds since 1970. */
  readonly recordedAt: number;
  /** The event's payload, such as `bet_placed`. */
  readonly type: string;
  readonly moves: readonly HistoryMove[];
}

/** A player's newest operations, newest first. */
export interface PlayerHistory {
  readonly entries: readonly HistoryEntry[];
  readonly freshness: Freshness;
}

/** How an event is brought to the primary. */
export interface SubmitOptions {
  /** Signed credential (JWT) under which the event is brought. */
  readonly credential: string;
  /** Names the player instead of `playerRef`; a registration binds it. */
  readonly identity?: PlayerIdentity;
  /** How long the event may be retried before the caller hears UNAVAILABLE; 5 s by default. */
  readonly deadlineMs?: number;
}

/** The edge as the bot sees it. */
export interface EdgePort {
  readonly region: string;
  /**
   * Settles one event. Fills in event_id, occurred_at, trace_id and origin when absent. Never
   * throws for what an event may meet: a refusal, rejection or `STATUS_UNAVAILABLE` is a receipt.
   */
  submit(event: MessageInitShape<typeof EventSchema>, options: SubmitOptions): Promise<Receipt>;
  /**
   * Reads a player's balances from the replica, or from the primary when the replica isn't there
   * or not yet at `atLeast` (a bookmark). Undefined: nobody is registered under this identity.
   * Throws a `ReadError` with a stable `code` when neither can answer.
   */
  balanceByIdentity(
    operator: string,
    identity: PlayerIdentity,
    atLeast?: string,
  ): Promise<PlayerBalances | undefined>;
  /**
   * The newest operations of a player, at most `limit` of them. Undefined: nobody is registered
   * under this identity. Throws a `ReadError` when search can't answer, or not yet at `atLeast`.
   */
  history(
    operator: string,
    identity: PlayerIdentity,
    limit: number,
    atLeast?: string,
  ): Promise<PlayerHistory | undefined>;
}
