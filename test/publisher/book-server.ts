/**
 * Serves a {@link TestBook}'s Tail and State over real HTTP, and misbehaves when told to.
 */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { serve, systemClock, type Server } from "../../src/runtime/index.ts";
import { connectFetch } from "../../src/wire/index.ts";
import {
  LedgerService,
  StateResponseSchema,
  TailResponseSchema,
  type StateResponse,
  type TailResponse,
} from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import type { TestBook } from "./test-book.ts";

const HEARTBEAT_MS = 100;
const RUN = 500;

export class BookServer implements AsyncDisposable {
  book: TestBook;
  /** Replaces what the Tail sends, to lie. */
  disguise: (message: TailResponse) => TailResponse = (message) => message;
  /** The same for State. */
  spoil: (message: StateResponse) => StateResponse = (message) => message;
  /** Checkpoints that callers have shown. */
  readonly shown: string[] = [];
  states = 0;
  #server: Server;
  #cut = new AbortController();
  #wake = Promise.withResolvers<void>();

  constructor(book: TestBook, port = 0) {
    this.book = book;
    this.#server = this.#listen(port);
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Tells the tails that there is something new. */
  wake(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }

  /** Drops every connection and stops listening, as a killed primary does. */
  async down(): Promise<void> {
    this.#cut.abort();
    this.wake();
    await this.#server.stop(0);
  }

  up(): void {
    this.#cut = new AbortController();
    this.#server = this.#listen(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  #listen(port: number): Server {
    const handle = connectFetch({
      routes: (router) => {
        router.service(LedgerService, {
          tail: (request, { signal }) => {
            this.shown.push(request.checkpoint);
            return this.#tail(Number(request.fromSeq), AbortSignal.any([signal, this.#cut.signal]));
          },
          state: (request) => {
            this.shown.push(request.checkpoint);
            return this.#spoilt();
          },
        });
      },
    });
    return serve({
      port,
      idleTimeout: 0,
      fetch: (request) => handle(request) ?? new Response(null, { status: 404 }),
    });
  }

  async *#tail(from: number, signal: AbortSignal): AsyncGenerator<TailResponse> {
    let next = from;
    let shown = "";
    if (from > this.book.seq + 1) throw new ConnectError("beyond the head", Code.OutOfRange);
    while (!signal.aborted) {
      const { book } = this;
      const records = book.records.slice(next - 1, next - 1 + RUN);
      next += records.length;
      const note = next > book.seq ? book.checkpoint() : "";
      yield this.disguise(
        create(TailResponseSchema, {
          records,
          headSeq: BigInt(book.seq),
          epoch: BigInt(book.epoch),
          sentAt: BigInt(systemClock.nowUs()),
          checkpoint: note === shown ? "" : note,
        }),
      );
      shown = note;
      if (next <= this.book.seq) continue;
      const { promise } = this.#wake;
      await Promise.race([promise, Bun.sleep(HEARTBEAT_MS)]);
    }
  }

  async *#spoilt(): AsyncGenerator<StateResponse> {
    for await (const message of this.#state()) yield this.spoil(message);
  }

  async *#state(): AsyncGenerator<StateResponse> {
    this.states += 1;
    const { book } = this;
    const wallets = [...book.state.walletRows()].map((row) => ({
      playerRef: row.playerRef,
      operatorId: row.operatorId,
      status: row.status,
      seq: BigInt(row.seq),
      balance: {
        currency: row.currency,
        available: row.available,
        bonus: row.bonus,
        held: row.held,
        version: BigInt(row.version),
      },
    }));
    const identities = [...book.state.identityRows()].map(
      ({ operatorId, keyId, hash, playerRef }) => ({
        operatorId,
        playerRef,
        identity: { keyId, hash },
      }),
    );
    const checkpoint = book.checkpoint();
    const head = {
      seq: BigInt(book.seq),
      epoch: BigInt(book.epoch),
      reign: book.reign,
      recordedAt: 0n,
      checkpoint,
      treeEdge: book.edge.save(),
      walletRows: BigInt(wallets.length),
      identityRows: BigInt(identities.length),
    };
    yield create(StateResponseSchema, { head });
    for (let at = 0; at < wallets.length; at += RUN) {
      yield create(StateResponseSchema, { wallets: wallets.slice(at, at + RUN) });
    }
    for (let at = 0; at < identities.length; at += RUN) {
      yield create(StateResponseSchema, { identities: identities.slice(at, at + RUN) });
    }
    yield create(StateResponseSchema, { done: true });
  }
}
