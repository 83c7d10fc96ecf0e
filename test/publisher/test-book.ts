/**
 * A small book in memory, kept by the real rules, and what a primary would say about it: sealed
 * records, signed checkpoints, its state.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  apply,
  decide,
  identityKey,
  leafHash,
  LedgerState,
  StateDigest,
  TreeEdge,
  walletRowsOf,
  type Command,
  type IdentityKey,
  type Outcome,
} from "../../src/ledger/index.ts";
import { systemClock, uuidv7 } from "../../src/runtime/index.ts";
import { decodeEvent, encodeEvent, encodeOutcome, signCheckpoint } from "../../src/wire/index.ts";
import type { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import type { Identity, SealedRecord } from "../../src/wire/gen/countroom/v1/record_pb.ts";

const OPERATOR = "demo";
const SOURCE = "api-play";
const KEY_ID = "k1";

export interface TestBookKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export class TestBook {
  readonly keys: TestBookKeys;
  readonly records: SealedRecord[] = [];
  readonly players: string[] = [];
  state = new LedgerState();
  edge = new TreeEdge();
  digest = new StateDigest();
  epoch = 1;
  reign = "a".repeat(32);
  #keyNumber = 0;
  #recordedAt = 0;

  constructor(keys: TestBookKeys = generateKeyPairSync("ed25519")) {
    this.keys = keys;
    this.startEpoch("genesis", 0);
  }

  get seq(): number {
    return this.records.length;
  }

  /** The signed checkpoint of the present size. */
  checkpoint(change: { root?: Uint8Array; state?: Uint8Array } = {}): string {
    const { epoch, reign, seq: size } = this;
    const root = change.root ?? this.edge.root();
    const state = change.state ?? this.digest.digest();
    const time = this.#recordedAt;
    const said = { deployment: "dev", epoch, reign, size, root, state, time };
    return signCheckpoint(said, this.keys.privateKey);
  }

  startEpoch(reason: string, previousEpoch = this.epoch): void {
    this.#append({
      source: "primary",
      payload: {
        case: "epochStarted",
        value: {
          reign: this.reign,
          previousEpoch: BigInt(previousEpoch),
          previousSize: BigInt(this.seq),
          previousRoot: this.edge.root(),
          reason,
        },
      },
    });
  }

  /** Epoch + 1, as after a promotion. */
  promote(reign = "b".repeat(32)): void {
    const previous = this.epoch;
    this.epoch += 1;
    this.reign = reign;
    this.startEpoch("promotion", previous);
  }

  register(): string {
    const hash = crypto.getRandomValues(new Uint8Array(32));
    const outcome = this.#append(
      { payload: { case: "playerRegistered", value: {} } },
      { $typeName: "countroom.v1.Identity", keyId: KEY_ID, hash },
    );
    this.players.push(outcome.playerRef);
    return outcome.playerRef;
  }

  deposit(playerRef: string, minor: bigint): Outcome {
    const amount = { minor, currency: "FUN" };
    return this.#append({
      playerRef,
      payload: { case: "depositCaptured", value: { amount, rail: "play", externalId: "" } },
    });
  }

  bet(playerRef: string, minor: bigint): Outcome {
    const id = `bet-${this.#keyNumber}`;
    return this.#append({
      playerRef,
      roundId: id,
      txnId: id,
      payload: { case: "betPlaced", value: { amount: { minor, currency: "FUN" } } },
    });
  }

  /** Registers this many players and gives each of them money. */
  populate(players: number): void {
    for (let i = 0; i < players; i += 1) this.deposit(this.register(), 1_000_000_000n);
  }

  /** Something small happens to somebody. */
  play(pick: () => number): Outcome {
    const player = this.players[Math.floor(pick() * this.players.length)]!;
    const minor = BigInt(1 + Math.floor(pick() * 1_000_000));
    return pick() < 0.6 ? this.deposit(player, minor) : this.bet(player, minor);
  }

  #append(event: Omit<MessageInitShape<typeof EventSchema>, "$typeName">, identity?: Identity) {
    this.#keyNumber += 1;
    const bytes = encodeEvent({
      eventId: uuidv7(),
      operatorId: event.source === "primary" ? "" : OPERATOR,
      source: SOURCE,
      idempotencyKey: `key-${this.#keyNumber}`,
      ...event,
    });
    const decoded = decodeEvent(bytes);
    if (!decoded.ok) throw new Error(decoded.message);
    const key = identity && identityKey(OPERATOR, identity.keyId, identity.hash.toHex());
    return this.#record(decoded.command, bytes, identity, key);
  }

  #record(command: Command, event: Uint8Array, identity?: Identity, key?: IdentityKey): Outcome {
    this.#recordedAt = Math.max(systemClock.nowUs(), this.#recordedAt + 1);
    const { outcome, bindsIdentity } = decide(this.state, command, {
      epoch: this.epoch,
      recordedAt: this.#recordedAt,
      seq: this.seq + 1,
      identity: key,
      winCeiling: () => 10n ** 12n,
      rails: new Set(["play"]),
      mintPlayerRef: () => uuidv7(),
      serverSeed: () => "0".repeat(64),
      facts: { claimed: () => undefined, record: () => undefined },
    });
    const rows = () => walletRowsOf(this.state.player(outcome.playerRef)!);
    const known = this.state.player(outcome.playerRef) !== undefined;
    for (const row of known ? rows() : []) this.digest.remove(row);
    apply(this.state, command, outcome, key);
    if (this.state.player(outcome.playerRef)) for (const row of rows()) this.digest.add(row);
    const bound = bindsIdentity ? identity : undefined;
    if (bound !== undefined) {
      const { playerRef } = outcome;
      this.digest.add({ operatorId: OPERATOR, keyId: bound.keyId, hash: bound.hash, playerRef });
    }
    const encoded = encodeOutcome(outcome, command);
    this.edge.append(leafHash(event, encoded));
    this.records.push(sealed(event, encoded, bound));
    return outcome;
  }
}

function sealed(event: Uint8Array, outcome: Uint8Array, identity?: Identity): SealedRecord {
  const record: SealedRecord = { $typeName: "countroom.v1.SealedRecord", event, outcome };
  return identity === undefined ? record : { ...record, identity };
}
