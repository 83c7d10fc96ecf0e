/**
 * A whole book in memory behind the edge's port: the real rules, receipts and identities, without
 * the processes between. It can be told to be out of reach, and to delay.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type {
  BalanceView, EdgePort, HistoryMove, PlayerBalances, PlayerHistory, PlayerIdentity, SubmitOptions,
} from "../../src/edge/bot-port.ts";
import {
  AccountKind, apply, Code, type Command, decide, identityKey, keyHash, LedgerState, type Outcome,
  validate,
} from "../../src/ledger/index.ts";
import { uuidv7 } from "../../src/runtime/index.ts";
import { decodeEvent, encodeEvent } from "../../src/wire/event-codec.ts";
import type { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { type Receipt, ReceiptSchema, Status } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { receiptFrom, receiptWithoutRecord } from "../../src/wire/receipt.ts";

const CALLER = { operatorId: "demo", source: "telegram" };

export class Book {
  readonly state = new LedgerState();
  /** Everything recorded, oldest first. */
  readonly records: { command: Command; outcome: Outcome; receipt: Receipt }[] = [];
  /** Identities that were bound, as the book has them. */
  readonly identities: PlayerIdentity[] = [];
  readonly #byKey = new Map<string, Receipt>();
  /** While set, nothing can be asked or settled. */
  down = false;
  /** While set, nothing is known of the past; `"behind"`: nothing that a bookmark asks for. */
  forgetful: boolean | "behind" = false;
  #time = 1_700_000_000_000_000;

  constructor() {
    this.#record({
      operatorId: "", source: "primary", idempotencyKey: "epoch-1", playerRef: "", roundId: "",
      txnId: "", gameId: "",
      payload: {
        type: "epoch_started", reign: "0".repeat(32), previousEpoch: 0, previousSize: 0,
        previousRoot: new Uint8Array(), reason: "genesis",
      },
    }, undefined);
  }

  /** One edge onto this book; any number may exist. */
  port(region: string): EdgePort {
    return {
      region,
      submit: async (event, options) => this.#submit(event, options),
      balanceByIdentity: async (operator, identity) => this.#balance(operator, identity),
      history: async (operator, identity, limit, atLeast) => {
        if (this.forgetful === true || (this.forgetful === "behind" && atLeast !== undefined)) {
          throw Object.assign(new Error("not now"), { code: "UNAVAILABLE" });
        }
        return this.#history(operator, identity, limit);
      },
    };
  }

  #submit(event: MessageInitShape<typeof EventSchema>, options: SubmitOptions): Receipt {
    if (this.down) {
      return create(ReceiptSchema, { status: Status.UNAVAILABLE, code: Code.UNAVAILABLE });
    }
    const bytes = encodeEvent({ ...event, eventId: uuidv7() });
    const decoded = decodeEvent(bytes, { caller: CALLER });
    if (!decoded.ok) return receiptWithoutRecord(decoded);
    const { command } = decoded;
    const identity = options.identity;
    const key = identity === undefined ? undefined : bookKey(CALLER.operatorId, identity);
    const fault = validate(command, { identity: key, rails: new Set(["play"]) });
    if (fault !== undefined) return receiptWithoutRecord(fault, decoded.event);
    const hash = Buffer.from(keyHash(command)).toString("hex");
    const known = this.#byKey.get(hash);
    if (known !== undefined) return { ...known, replayed: true };
    const outcome = this.#record(command, key);
    if (outcome.code === Code.OK && command.payload.type === "player_registered") {
      this.identities.push(identity!);
    }
    const receipt = receiptFrom(outcome, decoded.event, { replayed: false });
    this.records.at(-1)!.receipt = receipt;
    this.#byKey.set(hash, receipt);
    return receipt;
  }

  #record(command: Command, identity: string | undefined): Outcome {
    const { seq, epoch } = this.state.head();
    const { outcome } = decide(this.state, command, {
      epoch: Math.max(epoch, 1), seq: seq + 1, recordedAt: (this.#time += 1000), identity,
      winCeiling: () => 10n ** 15n, rails: new Set(["play"]), mintPlayerRef: () => uuidv7(),
      serverSeed: () => "5eed".repeat(16),
      facts: { claimed: () => undefined, record: () => undefined },
    });
    apply(this.state, command, outcome, identity);
    this.records.push({ command, outcome, receipt: create(ReceiptSchema) });
    return outcome;
  }

  #history(
    operator: string,
    identity: PlayerIdentity,
    limit: number,
  ): PlayerHistory | undefined {
    const ref = this.state.identity(bookKey(operator, identity));
    if (ref === undefined) return undefined;
    const entries = this.records
      .filter(({ outcome }) => outcome.playerRef === ref && outcome.postings.length > 0)
      .map(({ command, outcome }) => ({
        seq: outcome.seq, recordedAt: outcome.recordedAt, type: command.payload.type,
        moves: movesOf(outcome),
      }));
    const { seq, epoch } = this.state.head();
    const freshness = { epoch, seq, ageMs: 12.3, source: "search" as const };
    return { entries: entries.reverse().slice(0, limit), freshness };
  }

  #balance(operator: string, identity: PlayerIdentity): PlayerBalances | undefined {
    if (this.down) throw Object.assign(new Error("nobody answers"), { code: "UNAVAILABLE" });
    const ref = this.state.identity(bookKey(operator, identity));
    const player = ref === undefined ? undefined : this.state.player(ref);
    if (player === undefined) return undefined;
    const { seq, epoch } = this.state.head();
    const balances: BalanceView[] = player.accounts.map((account) => ({ ...account }));
    const freshness = { epoch, seq, ageMs: 12.3, source: "replica" as const };
    return { playerRef: player.ref, balances, freshness, bookmark: `${epoch}-${seq}` };
  }
}

function movesOf({ postings, balances }: Outcome): HistoryMove[] {
  const own = postings.filter(({ account }) => account === AccountKind.PLAYER_CASH);
  let balance = balances[0]!.available;
  return own.toReversed().map(({ minor: amount, currency }) => {
    const move = { currency, bucket: "cash", amount, balance };
    balance -= amount;
    return move;
  }).reverse();
}

function bookKey(operator: string, identity: PlayerIdentity): string {
  const hex = Buffer.from(identity.hash).toString("hex");
  return identityKey(operator, identity.keyId, hex);
}
