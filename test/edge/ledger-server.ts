/**
 * A stand-in for the primary's Append and GetBalance over real HTTP: it keeps what it was sent and
 * can break calls in the ways a network and a dying primary do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { EventSchema, type Event } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  GetBalanceResponseSchema,
  type AppendRequest,
} from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import { Code, ReceiptSchema, Status } from "../../src/wire/gen/countroom/v1/record_pb.ts";

/** What happens to a call: its answer, or how it breaks. */
export type Fate = "settle" | "drop" | "settle-then-drop" | "unavailable" | "denied" | "hang";

export class LedgerServer implements AsyncDisposable {
  readonly calls: AppendRequest[] = [];
  /** Keys that took effect, how often. */
  readonly effects = new Map<string, number>();
  inFlight = 0;
  inFlightMax = 0;
  delayMs = 0;
  balanceCode: Code = Code.OK;
  balanceDelayMs = 0;
  balancesMax = 0;
  #balances = 0;
  fate: (call: number) => Fate = () => "settle";
  readonly #keysInFlight = new Set<string>();
  readonly clashes: string[] = [];

  /** Every event that was sent, in order. */
  get events(): Event[] {
    return this.calls.flatMap(({ items }) =>
      items.map((one) => fromBinary(EventSchema, one.event)),
    );
  }

  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  static async open(): Promise<LedgerServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new LedgerServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = new Uint8Array(await buffer(request));
    if (request.url!.endsWith("/GetBalance")) {
      this.#balances += 1;
      this.balancesMax = Math.max(this.balancesMax, this.#balances);
      await Bun.sleep(this.balanceDelayMs);
      this.#balances -= 1;
      const answer = create(GetBalanceResponseSchema, { code: this.balanceCode });
      return proto(response, toBinary(GetBalanceResponseSchema, answer));
    }
    if (!request.url!.endsWith("/Append")) return void response.end('{"status":"ok"}');
    const call = fromBinary(AppendRequestSchema, body);
    const number = this.calls.push(call);
    const keys = call.items.map((item) => fromBinary(EventSchema, item.event).idempotencyKey);
    this.inFlight += 1;
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
    for (const key of keys) if (this.#keysInFlight.has(key)) this.clashes.push(key);
    for (const key of keys) this.#keysInFlight.add(key);
    if (this.delayMs > 0) await Bun.sleep(this.delayMs);
    try {
      await this.#meet(this.fate(number), call, keys, response);
    } finally {
      this.inFlight -= 1;
      for (const key of keys) this.#keysInFlight.delete(key);
    }
  }

  async #meet(
    fate: Fate,
    call: AppendRequest,
    keys: readonly string[],
    response: ServerResponse,
  ): Promise<void> {
    if (fate === "unavailable") return failure(response, "unavailable", 503);
    if (fate === "denied") return failure(response, "unauthenticated", 401);
    if (fate === "hang")
      return void (await new Promise((resolve) => response.on("close", resolve)));
    if (fate === "drop") return void response.destroy();
    const receipts = keys.map((key) => {
      const before = this.effects.get(key);
      if (before === undefined) this.effects.set(key, this.effects.size + 1);
      return create(ReceiptSchema, {
        status: Status.ACCEPTED,
        code: Code.OK,
        idempotencyKey: key,
        seq: BigInt(this.effects.get(key)!),
        replayed: before !== undefined,
      });
    });
    if (fate === "settle-then-drop") return void response.destroy();
    const answer = create(AppendResponseSchema, { receipts });
    proto(response, toBinary(AppendResponseSchema, answer));
  }
}

function proto(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { "content-type": "application/proto" }).end(bytes);
}

function failure(response: ServerResponse, code: string, status: number): void {
  const body = JSON.stringify({ code, message: "for the test" });
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}
