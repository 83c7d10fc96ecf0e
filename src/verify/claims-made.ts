/**
 * Facts that a record makes, for ever.
 *
 * @module
 */
import { BonusStage } from "../wire/gen/countroom/v1/object_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT, type Fact, FACT_NAMES } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import type { FindingKind, Findings } from "./findings.ts";
import { betSourceOf } from "./judge-corrections.ts";
import { endedRound } from "./judge-rounds.ts";
import { type Bet, type DerivedState, nameIn, sourceIn, sourceKey } from "./state.ts";

const TWICE: Readonly<Record<Fact, FindingKind>> = {
  [FACT.KEY]: "key_reused",
  [FACT.RESOLVED]: "bet_resolved_twice",
  [FACT.TOMBSTONE]: "bet_resolved_twice",
  [FACT.ROUND_CLOSED]: "round_close_wrong",
  [FACT.TXN]: "txn_reused",
  [FACT.WIN_TAKEN]: "win_taken_twice",
  [FACT.CORRECTED]: "corrected_twice",
  [FACT.OBJECT]: "object_wrong",
};

/** Makes facts of one record. */
export class Claimer {
  readonly #state: DerivedState;
  readonly #entry: Entry;
  readonly #findings: Findings;

  constructor(state: DerivedState, entry: Entry, findings: Findings) {
    this.#state = state;
    this.#entry = entry;
    this.#findings = findings;
  }

  /** Of the record's source, unless another one is named. */
  make(fact: Fact, name: string, source = this.#entry.source): void {
    const { operator, seq } = this.#entry;
    const earlier = this.#state.claims.make(fact, operator, source, name, seq);
    if (earlier === undefined) return;
    const shown = name.replaceAll("\0", " ");
    const detail = `second ${FACT_NAMES[fact]} ${shown}; the first is record ${earlier}`;
    this.#findings.add(TWICE[fact], seq, detail);
  }

  key(): void {
    this.make(FACT.KEY, this.#entry.event.idempotencyKey);
  }

  /** Everything but the key: what was accepted, and which open bets it resolves. */
  accepted(resolved: readonly Bet[]): void {
    const { event, outcome } = this.#entry;
    const { payload } = event;
    const isOk = outcome.code === Code.OK;
    switch (payload.case) {
      case "betPlaced":
        // Corrections have to find what such a bet was made of.
        if (outcome.changes.length > 0) this.#txn();
        break;
      case "roundSettled":
        this.#txn();
        if (isOk) this.make(FACT.RESOLVED, payload.value.betTxnId);
        break;
      case "betRolledBack":
        this.#txn();
        if (isOk || outcome.code === Code.BET_TOMBSTONED) {
          this.make(FACT.TOMBSTONE, payload.value.betTxnId);
        }
        break;
      case "houseRound":
      case "jackpotContributed":
      case "jackpotSeeded":
      case "jackpotWon":
        this.#txn();
        break;
      default:
        this.#correction(resolved);
    }
    if (outcome.roundClosed) this.#roundClosed(resolved);
    if (outcome.changes.length > 0) this.#objects();
  }

  #txn(): void {
    const { txnId } = this.#entry.event;
    if (txnId !== "") this.make(FACT.TXN, txnId);
  }

  #correction(resolved: readonly Bet[]): void {
    const { event, outcome } = this.#entry;
    const { payload } = event;
    const of = outcome.correctionOf;
    switch (payload.case) {
      case "winRolledBack":
        this.#txn();
        if (outcome.code === Code.OK || outcome.code === Code.WIN_TOMBSTONED) {
          this.make(FACT.WIN_TAKEN, payload.value.winTxnId);
        }
        if (of > 0n) this.make(FACT.CORRECTED, `${of}`, "");
        return;
      case "betVoided":
      case "betResettled": {
        this.#txn();
        const { betTxnId, betSource } = payload.value;
        const source = betSourceOf(this.#entry, betSource);
        if (payload.case === "betVoided" && resolved.length > 0) {
          this.make(FACT.TOMBSTONE, betTxnId, source);
        }
        if (of > 0n) this.make(FACT.CORRECTED, `${of}\0${betTxnId}`, "");
        return;
      }
      case "roundClosed":
      case "roundVoided": {
        this.#txn();
        const fact = payload.case === "roundClosed" ? FACT.RESOLVED : FACT.TOMBSTONE;
        for (const { key } of resolved) this.make(fact, nameIn(key), sourceIn(key));
        return;
      }
      default:
    }
  }

  #roundClosed(resolved: readonly Bet[]): void {
    const { payload } = this.#entry.event;
    const isEnd = payload.case === "roundClosed" || payload.case === "roundVoided";
    const round = isEnd
      ? endedRound(this.#entry, payload.value.roundSource)
      : (resolved[0]?.round ?? sourceKey("", "", ""));
    this.make(FACT.ROUND_CLOSED, nameIn(round), sourceIn(round));
  }

  #objects(): void {
    for (const { object } of this.#entry.outcome.changes) {
      if (object.case === "hold" || object.case === "deposit") {
        const { key, version } = object.value;
        this.make(FACT.OBJECT, `${object.case}\0${key}\0${version}`, "");
      } else if (object.case === "bonus") {
        const { key, version, stage } = object.value;
        if (version === 1n) this.make(FACT.OBJECT, `bonus\0${key}\x001`, "");
        if (stage !== BonusStage.ACTIVE) this.make(FACT.OBJECT, `bonus\0${key}\0end`, "");
      }
    }
  }
}
