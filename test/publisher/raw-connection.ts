/**
 * One HTTP/1.1 connection, one request after the other: what a replica's client is to a publisher.
 * `fetch` picks any connection of its pool.
 */
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly ms: number;
}

export class RawConnection implements Disposable {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #token: string;
  #received: Buffer = Buffer.alloc(0);
  #more = Promise.withResolvers<void>();

  constructor(url: string, token: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#token = token;
    this.#socket = connect(Number(port), hostname);
    this.#socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.#socket.on("close", () => this.#wake());
    this.#socket.on("error", () => this.#wake());
  }

  async get(path: string): Promise<RawAnswer> {
    const start = performance.now();
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\nauthorization: Bearer ${this.#token}\r\n\r\n`,
    );
    const end = await this.#until(() => this.#received.indexOf("\r\n\r\n") + 1 || undefined);
    const header = this.#received.subarray(0, end).toString();
    const length = Number(/content-length: (\d+)/i.exec(header)?.[1]);
    const from = end - 1 + 4;
    await this.#until(() => (this.#received.length >= from + length ? true : undefined));
    const body = new Uint8Array(this.#received.subarray(from, from + length));
    this.#received = this.#received.subarray(from + length);
    return { status: Number(header.split(" ")[1]), body, ms: performance.now() - start };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #until<Found>(find: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#socket.destroyed) throw new Error("the connection was closed");
      await this.#more.promise;
    }
  }

  #wake(): void {
    const { resolve } = this.#more;
    this.#more = Promise.withResolvers();
    resolve();
  }
}
