/**
 * Decides a group of events: rights, validity, repetition, rules. Nothing it does is visible
 * before {@link GroupDecider.commit}.
 *
 * @module
 */
import type { Credential } from "../access/index.ts";
import { allows } from "../access/index.ts";
import {
  apply,
  Code,
  decide,
  Draft,
  firstDifference,
  identityKey,
  keyHash,
  leafHash,
  LedgerError,
  resolvePlayer,
  validate,
  type IdentityKey,
  type LedgerState,
  type Outcome,
  type TreeEdge,
} from "../ledger/index.ts";
import type { Currencies } from "../money/index.ts";
import { ClaimSet } from "../store/claim-set.ts";
import type { Group, NewIdentity, NewRecord } from "../store/ledger-db.ts";
import {
  decodeEvent,
  encodeOutcome,
  receiptFrom,
  receiptWithoutRecord,
  type DecodedEvent,
} from "../wire/index.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import type { RecordClock } from "./clock-guard.ts";
import { DecisionContext } from "./decision-context.ts";
import type { LedgerLog } from "./log.ts";
import type { DueIndex } from "./due-index.ts";
import { decodeRecord, type DecodedRecord } from "./record-codec.ts";
import type { ServerSeed } from "./server-seed.ts";

/** In the place of a credential: an event of the primary's own, which asks for nobody's rights. */
export const OWN = Symbol("own");

/** An event and the rights it is brought under. */
export interface AppendEvent {
  readonly event: Uint8Array;
  /** The verified credential, or why there is none. */
  readonly access: Credential | Code | typeof OWN;
  readonly identity?: { readonly keyId: string; readonly hash: Uint8Array } | undefined;
}

/** What the decider works with. */
export interface DeciderDeps {
  readonly state: LedgerState;
  readonly log: LedgerLog;
  readonly epoch: number;
  readonly clock: RecordClock;
  readonly serverSeed: ServerSeed;
  readonly mintPlayerRef: () => string;
  /** Whether the wall clock may be trusted with a bet. */
  readonly clockTrusted: () => boolean;
  /** The configured currencies; those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
  /** Is told what each durable group leaves objects as. */
  readonly due?: DueIndex | undefined;
}

/** Key ids are short names, hashes are SHA-256 outputs. */
const KEY_ID_CHARS_MAX = 64;
const IDENTITY_HASH_BYTES = 32;

/** Decides one group after the other. */
export class GroupDecider {
  readonly #deps: DeciderDeps;
  readonly #draft: Draft;
  /** Claims of the group, which the log doesn't know yet. */
  readonly #pending = new ClaimSet();
  readonly #context: DecisionContext;
  #tree: TreeEdge;
  #edge: TreeEdge;
  #trusted = true;
  #timeBefore: number;
  #records: NewRecord[] = [];
  /** Outcomes of the group that change objects. */
  #changing: Outcome[] = [];

  constructor(deps: DeciderDeps, tree: TreeEdge) {
    this.#deps = deps;
    this.#draft = new Draft(deps.state);
    this.#tree = tree;
    this.#edge = tree.clone();
    this.#timeBefore = deps.clock.last;
    const claimed = (hash: Uint8Array): number | undefined => this.#claimed(hash);
    const record = (seq: number) => this.#recorded(seq);
    this.#context = new DecisionContext(deps, { claimed, record });
  }

  /** Begins a group. */
  begin(): void {
    this.#edge = this.#tree.clone();
    this.#timeBefore = this.#deps.clock.last;
    this.#trusted = this.#deps.clockTrusted();
  }

  /** Decides one event; it may become a record of the group. Answers its receipt. */
  add(item: AppendEvent): Receipt {
    const { access } = item;
    if (typeof access !== "object") {
      return access === OWN ? this.#expire(item) : receiptWithoutRecord({ code: access });
    }
    const decoded = decodeEvent(item.event, { caller: access });
    if (!decoded.ok) return receiptWithoutRecord(decoded);
    const { event, command } = decoded;
    const right = allows(access, command);
    if (right !== Code.OK) return receiptWithoutRecord({ code: right }, event);
    let identity: IdentityKey | undefined;
    if (item.identity !== undefined) {
      identity = identityOf(access.operatorId, item.identity);
      if (identity === undefined) {
        return receiptWithoutRecord({ code: Code.EVENT_FIELD_INVALID, field: "identity" }, event);
      }
    }
    this.#context.turnTo(access, identity);
    const fault = validate(command, this.#context);
    if (fault !== undefined) return receiptWithoutRecord(fault, event);
    return this.#settle(item, decoded, keyHash(command));
  }

  /** Adds a record of the primary's own, which asks for nobody's rights. */
  addOwn(event: Uint8Array): void {
    const decoded = decodeEvent(event);
    if (!decoded.ok) throw new Error(`the primary's own event is refused: ${decoded.message}`);
    this.#context.turnTo(undefined, undefined);
    this.#record({ event, access: OWN }, decoded, keyHash(decoded.command));
  }

  /**
   * An end that the primary brings itself. It becomes a record only when it has its effect: what
   * isn't due any more, or was brought before, leaves no trace.
   */
  #expire(item: AppendEvent): Receipt {
    const decoded = decodeEvent(item.event);
    if (!decoded.ok) throw new Error(`the primary's own event is refused: ${decoded.message}`);
    const { event, command } = decoded;
    this.#context.turnTo(undefined, undefined);
    const key = keyHash(command);
    const before = this.#claimed(key);
    if (before !== undefined) return this.#repeat(decoded, before);
    this.#context.place(this.#edge.size + 1, this.#deps.clock.next(), key);
    const { code } = decide(this.#draft, command, this.#context).outcome;
    if (code !== Code.OK) return receiptWithoutRecord({ code }, event);
    return receiptFrom(this.#record(item, decoded, key), event, { replayed: false });
  }

  /** The group as the log takes it; undefined when no event became a record. */
  group(): Group | undefined {
    if (this.#records.length === 0) return undefined;
    return {
      epoch: this.#deps.epoch,
      firstSeq: this.#tree.size + 1,
      records: this.#records,
      root: this.#edge.root(),
      edge: Buffer.concat(this.#edge.save()),
    };
  }

  /** The group is durable: its effects become the state. */
  commit(): void {
    this.#draft.commit();
    for (const { operatorId, changes = [] } of this.#changing) {
      for (const change of changes) this.#deps.due?.note(operatorId, change);
    }
    this.#tree = this.#edge;
    this.#forget();
  }

  /** Forgets the group; nothing of it may have been handed to the log. */
  discard(): void {
    this.#draft.reset();
    this.#deps.clock.rewind(this.#timeBefore);
    this.#forget();
  }

  #forget(): void {
    this.#pending.clear();
    this.#records = [];
    this.#changing = [];
  }

  #settle(item: AppendEvent, decoded: DecodedEvent, key: Uint8Array): Receipt {
    const before = this.#claimed(key);
    if (before !== undefined) return this.#repeat(decoded, before);
    const { type } = decoded.command.payload;
    if (!this.#trusted && (type === "bet_placed" || type === "house_round")) {
      return receiptWithoutRecord({ code: Code.CLOCK_UNTRUSTED }, decoded.event);
    }
    const outcome = this.#record(item, decoded, key);
    return receiptFrom(outcome, decoded.event, { replayed: false });
  }

  #record(item: AppendEvent, decoded: DecodedEvent, key: Uint8Array): Outcome {
    const { command } = decoded;
    const seq = this.#edge.size + 1;
    this.#context.place(seq, this.#deps.clock.next(), key);
    const { identity } = this.#context;
    const { outcome, claims, bindsIdentity } = decide(this.#draft, command, this.#context);
    // The key, which comes first, was looked up before.
    for (let at = 1; at < claims.length; at += 1) this.#refuseTwice(claims[at]!.hash, seq);
    apply(this.#draft, command, outcome, bindsIdentity ? identity : undefined);
    if (outcome.changes !== undefined) this.#changing.push(outcome);
    const bytes = encodeOutcome(outcome, command);
    this.#edge.append(leafHash(item.event, bytes));
    const hashes: Uint8Array[] = [];
    for (const { hash } of claims) {
      this.#pending.add(hash, seq);
      hashes.push(hash);
    }
    this.#records.push({
      event: item.event,
      outcome: bytes,
      claims: hashes,
      identity: bindsIdentity ? newIdentity(item, outcome) : undefined,
    });
    return outcome;
  }

  #refuseTwice(hash: Uint8Array, seq: number): void {
    const before = this.#claimed(hash);
    if (before === undefined) return;
    throw new LedgerError("INVARIANT_BROKEN", `claims what record ${before} has claimed`, seq);
  }

  /** A used key: the original's receipt when it means the same, a conflict otherwise. */
  #repeat(decoded: DecodedEvent, seq: number): Receipt {
    const { event, command } = decoded;
    const original = this.#original(seq);
    const again = {
      ...command,
      playerRef: resolvePlayer(this.#draft, command, this.#context.identity),
    };
    const first = { ...original.command, playerRef: original.outcome.playerRef };
    const field = firstDifference(first, again);
    if (field === undefined) {
      return receiptFrom(original.outcome, original.event, { replayed: true });
    }
    return receiptWithoutRecord({ code: Code.KEY_CONFLICT, field }, event);
  }

  #original(seq: number): DecodedRecord {
    const record = this.#recorded(seq);
    if (record === undefined) throw new Error(`a claim names record ${seq}, which is not there`);
    return record;
  }

  #recorded(seq: number): DecodedRecord | undefined {
    const pending = this.#records[seq - this.#tree.size - 1];
    if (pending !== undefined) return decodeRecord({ seq, ...pending });
    const stored = this.#deps.log.record(seq);
    return stored === undefined ? undefined : decodeRecord(stored);
  }

  #claimed(hash: Uint8Array): number | undefined {
    return this.#pending.get(hash) ?? this.#deps.log.claimed(hash);
  }
}

function identityOf(
  operatorId: string,
  identity: NonNullable<AppendEvent["identity"]>,
): IdentityKey | undefined {
  const { keyId, hash } = identity;
  if (keyId === "" || keyId.length > KEY_ID_CHARS_MAX || keyId.includes("\0")) return undefined;
  if (hash.length !== IDENTITY_HASH_BYTES) return undefined;
  return identityKey(operatorId, keyId, Buffer.from(hash).toString("hex"));
}

function newIdentity(item: AppendEvent, outcome: Outcome): NewIdentity | undefined {
  if (item.identity === undefined) return undefined;
  const { keyId, hash } = item.identity;
  return { operatorId: outcome.operatorId, keyId, hash, playerRef: outcome.playerRef };
}
