/**
 * Balances from the primary, for reads that the replica can't answer: few at a time, because the
 * primary's time belongs to settling.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Clock } from "../runtime/index.ts";
import { safeNumber, type LedgerClient } from "../wire/index.ts";
import type { Balance } from "../wire/gen/countroom/v1/money_pb.ts";
import type { BalanceView, Freshness, PlayerIdentity } from "./bot-port.ts";
import { PRIMARY_READ_MS } from "./limits.ts";
import { ReadError } from "./read-error.ts";

/** Whom to read, and how new it must be. */
export interface PrimaryQuestion {
  readonly operatorId: string;
  readonly playerRef?: string;
  readonly identity?: PlayerIdentity;
  /** Text; judged by the primary. */
  readonly bookmark?: string | undefined;
}

/** The primary's answer. `balances` are empty for an unknown player. */
export interface PrimaryAnswer {
  readonly known: boolean;
  readonly playerRef: string;
  readonly balances: readonly BalanceView[];
  readonly freshness: Freshness;
  /** Largest seq among the rows. */
  readonly rowSeq: number;
}

/** Options of {@link PrimaryReads}. */
export interface PrimaryReadsOptions {
  readonly client: Pick<LedgerClient, "getBalance">;
  /** The newest checkpoint held. */
  readonly checkpoint: () => string;
  readonly clock: Clock;
  readonly inFlightMax: number;
}

/** Asks the primary for balances. */
export class PrimaryReads {
  readonly #options: PrimaryReadsOptions;
  #inFlight = 0;
  /** Counts for metrics. */
  asked = 0;
  overloaded = 0;

  constructor(options: PrimaryReadsOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Throws a {@link ReadError}: OVERLOADED, UNAVAILABLE, or what the primary says of the bookmark.
   */
  async balance(question: PrimaryQuestion): Promise<PrimaryAnswer> {
    const { client, checkpoint, clock, inFlightMax } = this.#options;
    if (this.#inFlight >= inFlightMax) {
      this.overloaded += 1;
      throw new ReadError(Code.OVERLOADED);
    }
    this.#inFlight += 1;
    this.asked += 1;
    const sentMs = clock.monotonicMs();
    let answer: Awaited<ReturnType<typeof client.getBalance>>;
    try {
      const request = { ...question, bookmark: question.bookmark ?? "", checkpoint: checkpoint() };
      answer = await client.getBalance(request, { timeoutMs: PRIMARY_READ_MS });
    } catch (error) {
      throw new ReadError(Code.UNAVAILABLE, error);
    } finally {
      this.#inFlight -= 1;
    }
    const code = answer.code as Code;
    if (code !== Code.OK && code !== Code.PLAYER_UNKNOWN) throw new ReadError(code);
    return {
      known: code === Code.OK,
      playerRef: answer.playerRef,
      balances: answer.balances.map(viewOf),
      freshness: {
        epoch: safeNumber(answer.epoch),
        seq: safeNumber(answer.headSeq),
        // The primary read its state after the question was sent.
        ageMs: clock.monotonicMs() - sentMs,
        source: "primary",
      },
      rowSeq: safeNumber(answer.rowSeq),
    };
  }
}

function viewOf({ currency, available, bonus, held, version }: Balance): BalanceView {
  return { currency, available, bonus, held, version: safeNumber(version) };
}
