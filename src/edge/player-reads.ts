/**
 * Reads by messenger identity: the bot's and the desk's.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { formatBookmark, parseBookmark } from "../wire/index.ts";
import type { BalanceView, PlayerBalances, PlayerIdentity } from "./bot-port.ts";
import { freshnessOf } from "./balance-answer.ts";
import { viewAt } from "./balance-route.ts";
import type { PrimaryReads } from "./primary-reads.ts";
import { ReadError } from "./read-error.ts";
import type { ReplicaRow } from "../store/replica.ts";
import type { ReplicaView } from "./replica-view.ts";

/** Finds players by identity, in the replica first. */
export class PlayerReads {
  readonly #view: () => ReplicaView | undefined;
  readonly #primary: PrimaryReads;

  constructor(view: () => ReplicaView | undefined, primary: PrimaryReads) {
    this.#view = view;
    this.#primary = primary;
  }

  /** The player bound to an identity. Throws a {@link ReadError}. */
  async refOf(operatorId: string, identity: PlayerIdentity): Promise<string | undefined> {
    const known = this.#refInReplica(this.#view(), operatorId, identity);
    if (known !== undefined) return known;
    // Bound a moment ago, perhaps: only the primary can say that nobody is.
    const told = await this.#primary.balance({ operatorId, identity });
    return told.known ? told.playerRef : undefined;
  }

  /** A player's balances by identity. Throws a {@link ReadError}. */
  async balance(
    operatorId: string,
    identity: PlayerIdentity,
    atLeast?: string,
  ): Promise<PlayerBalances | undefined> {
    const bookmark = atLeast === undefined ? undefined : parseBookmark(atLeast);
    if (atLeast !== undefined && bookmark === undefined) {
      throw new ReadError(Code.BOOKMARK_MALFORMED);
    }
    const view = await viewAt(this.#view, bookmark);
    const inReplica = this.#balanceInReplica(view, operatorId, identity);
    if (inReplica !== undefined) return inReplica;
    const told = await this.#primary.balance({ operatorId, identity, bookmark: atLeast });
    if (!told.known) return undefined;
    const { playerRef, balances, freshness, rowSeq } = told;
    const newest = formatBookmark(freshness.epoch, rowSeq);
    return { playerRef, balances, freshness, bookmark: newest };
  }

  #balanceInReplica(
    view: ReplicaView | undefined,
    operatorId: string,
    identity: PlayerIdentity,
  ): PlayerBalances | undefined {
    const playerRef = this.#refInReplica(view, operatorId, identity);
    if (view === undefined || playerRef === undefined) return undefined;
    try {
      const { head, rows, seq } = view.snapshot(playerRef);
      if (rows.length === 0) return undefined;
      const bookmark = formatBookmark(head.epoch, seq);
      return { playerRef, balances: rows.map(viewOf), freshness: freshnessOf(view), bookmark };
    } catch {
      return undefined;
    }
  }

  #refInReplica(
    view: ReplicaView | undefined,
    operatorId: string,
    { keyId, hash }: PlayerIdentity,
  ): string | undefined {
    try {
      return view?.playerOf(operatorId, keyId, hash);
    } catch {
      // The primary can tell while the supervisor replaces the file.
      return undefined;
    }
  }
}

function viewOf({ currency, available, bonus, held, version }: ReplicaRow): BalanceView {
  return { currency, available, bonus, held, version };
}
