/**
 * State: wallet and identity rows at one seq, from `state.db`, so that the writer's memory isn't
 * walked while it decides.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import { TREE_HASH_BYTES } from "../ledger/index.ts";
import { openStateView, type StateView } from "../store/state-db.ts";
import type { StateHeadRow, StateIdentityRow } from "../store/state-schema.ts";
import {
  StateHeadSchema,
  StateResponseSchema,
  type IdentityRow,
  type StateResponse,
  type WalletRow,
} from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import { STATE_MESSAGE_ROWS, STATE_STREAM_MS_MAX, STATES_MAX } from "./limits.ts";

/** Options of {@link StateStreams}. */
export interface StateStreamsOptions {
  readonly path: string;
  readonly monotonicMs: () => number;
  /** Resolves when `state.db` has a checkpoint. */
  readonly checkpointed: () => Promise<void>;
}

/** All State streams of a primary. */
export class StateStreams {
  readonly #options: StateStreamsOptions;
  #open = 0;

  constructor(options: StateStreamsOptions) {
    this.#options = options;
  }

  /** A head, the rows in the order of their keys, and a last message that says so. */
  async *read(signal: AbortSignal): AsyncGenerator<StateResponse> {
    if (this.#open >= STATES_MAX) {
      throw new ConnectError("too many State streams are open", ConnectCode.ResourceExhausted);
    }
    this.#open += 1;
    try {
      await this.#options.checkpointed();
      const view = openStateView(this.#options.path);
      try {
        yield* this.#stream(view, signal);
      } finally {
        view.close();
      }
    } finally {
      this.#open -= 1;
    }
  }

  async *#stream({ reader }: StateView, signal: AbortSignal): AsyncGenerator<StateResponse> {
    const { monotonicMs } = this.#options;
    const end = monotonicMs() + STATE_STREAM_MS_MAX;
    const goesOn = (): boolean => {
      if (monotonicMs() < end) return !signal.aborted;
      throw new ConnectError("the State stream took too long", ConnectCode.DeadlineExceeded);
    };
    reader.hold();
    const head = reader.head();
    if (head === undefined) {
      throw new ConnectError("there is no checkpoint yet", ConnectCode.Unavailable);
    }
    yield create(StateResponseSchema, { head: headMessage(head) });
    let ref = "";
    while (goesOn()) {
      const players = reader.players(ref, STATE_MESSAGE_ROWS);
      if (players.length === 0) break;
      yield create(StateResponseSchema, { wallets: players.flatMap(walletMessages) });
      ref = players.at(-1)!.ref;
      await turn();
    }
    let place: StateIdentityRow | undefined;
    while (goesOn()) {
      const rows = reader.identities(place, STATE_MESSAGE_ROWS);
      if (rows.length === 0) break;
      yield create(StateResponseSchema, { identities: rows.map(identityMessage) });
      place = rows.at(-1);
      await turn();
    }
    if (!signal.aborted) yield create(StateResponseSchema, { done: true });
  }
}

function headMessage(head: StateHeadRow) {
  const edge: Uint8Array[] = [];
  for (let at = 0; at < head.edge.length; at += TREE_HASH_BYTES) {
    edge.push(head.edge.subarray(at, at + TREE_HASH_BYTES));
  }
  return create(StateHeadSchema, {
    seq: BigInt(head.seq),
    epoch: BigInt(head.epoch),
    reign: head.reign,
    recordedAt: BigInt(head.recordedAt),
    checkpoint: head.checkpoint,
    treeEdge: edge,
    walletRows: BigInt(head.wallets),
    identityRows: BigInt(head.identities),
  });
}

type StatePlayer = ReturnType<StateView["reader"]["players"]>[number];

function walletMessages({ ref, operatorId, status, accounts }: StatePlayer): WalletRow[] {
  return accounts.map(({ currency, available, bonus, held, version, seq }) => ({
    $typeName: "countroom.v1.WalletRow",
    playerRef: ref,
    operatorId,
    status,
    balance: {
      $typeName: "countroom.v1.Balance",
      currency,
      available,
      bonus,
      held,
      version: BigInt(version),
    },
    seq: BigInt(seq),
  }));
}

function identityMessage({ operatorId, keyId, hash, playerRef }: StateIdentityRow): IdentityRow {
  return {
    $typeName: "countroom.v1.IdentityRow",
    operatorId,
    identity: { $typeName: "countroom.v1.Identity", keyId, hash },
    playerRef,
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
