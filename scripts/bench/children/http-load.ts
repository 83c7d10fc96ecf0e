/**
 * Helper: HTTP/1.1 load over plain sockets, each with one request under way. Requests are made
 * before the time runs, and answers are only measured off, so that the load costs little beside
 * what it measures.
 */
import { nowMs } from "../budget.ts";
import { serveCalls } from "../child.ts";

interface Load {
  readonly url: string;
  readonly paths: readonly string[];
  readonly authorization: string;
  readonly connections: number;
  readonly ms: number;
}

const HEADER_END = Buffer.from("\r\n\r\n");
const OK = "HTTP/1.1 200 ";

/** One connection: asks, waits for the whole answer, asks again until the time is over. */
class Connection {
  readonly #requests: readonly Uint8Array[];
  #next: number;
  #missing = 0;
  #head = Buffer.alloc(0);
  answers = 0;
  fault: string | undefined;

  constructor(requests: readonly Uint8Array[], first: number) {
    this.#requests = requests;
    this.#next = first;
  }

  ask(socket: Bun.Socket): void {
    this.#next = (this.#next + 7_919) % this.#requests.length;
    socket.write(this.#requests[this.#next] as Uint8Array);
  }

  /** Takes bytes of an answer; true when it is whole. */
  take(bytes: Buffer): boolean {
    if (this.#missing > 0) {
      this.#missing -= bytes.length;
      return this.#missing <= 0;
    }
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(HEADER_END);
    if (end < 0) {
      this.#head = Buffer.from(head);
      return false;
    }
    this.#head = Buffer.alloc(0);
    const text = head.toString("latin1", 0, end);
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (!text.startsWith(OK) || length === undefined) this.fault ??= text.split("\r\n")[0];
    this.#missing = end + HEADER_END.length + Number(length ?? 0) - head.length;
    return this.#missing <= 0;
  }
}

serveCalls({
  /** Answers the requests that were answered, and the milliseconds. */
  async run(load: Load): Promise<{ answers: number; ms: number }> {
    const { hostname, port } = new URL(load.url);
    const requests = load.paths.map((path) =>
      Buffer.from(
        `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n` +
          `authorization: ${load.authorization}\r\n\r\n`,
      ),
    );
    const began = nowMs();
    const endMs = began + load.ms;
    const one = async (index: number): Promise<Connection> => {
      const connection = new Connection(requests, (index * 104_729) % requests.length);
      const done = Promise.withResolvers<void>();
      await Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          open: (socket) => connection.ask(socket),
          data(socket, bytes) {
            if (!connection.take(bytes)) return;
            connection.answers += 1;
            if (connection.fault === undefined && nowMs() < endMs) connection.ask(socket);
            else socket.end();
          },
          close: () => done.resolve(),
          error: (_, error) => done.reject(error),
        },
      });
      await done.promise;
      return connection;
    };
    const all = await Promise.all(Array.from({ length: load.connections }, (_, at) => one(at)));
    const fault = all.find((connection) => connection.fault !== undefined)?.fault;
    if (fault !== undefined) throw new Error(`an answer was ${fault}`);
    const answers = all.reduce((sum, connection) => sum + connection.answers, 0);
    return { answers, ms: nowMs() - began };
  },
});
