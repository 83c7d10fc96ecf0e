/**
 * Helper: passes TCP connections on and counts the bytes that come back.
 */
import { serveCalls } from "../child.ts";

interface Ends {
  other: Bun.Socket<Ends> | undefined;
  /** Bytes that the other end can't take yet. */
  held: Uint8Array[];
  readonly counts: boolean;
}

const counted = new Map<number, number>();

/** Writes what fits and keeps the rest for `drain`. */
function pass(to: Bun.Socket<Ends>, bytes: Uint8Array): void {
  const { held } = to.data;
  if (held.length > 0) {
    held.push(bytes.slice());
    return;
  }
  const written = to.write(bytes);
  if (written < bytes.length) held.push(bytes.slice(Math.max(0, written)));
}

function drain(socket: Bun.Socket<Ends>): void {
  const { data } = socket;
  while (data.held.length > 0) {
    const bytes = data.held[0] as Uint8Array;
    const written = socket.write(bytes);
    if (written < bytes.length) {
      data.held[0] = bytes.subarray(Math.max(0, written));
      return;
    }
    data.held.shift();
  }
}

serveCalls({
  /** Listens in front of a server; answers the URL to use instead of the server's. */
  begin({ target }: { target: string }): string {
    const { hostname, port } = new URL(target);
    let own = 0;
    const forward = {
      data(socket: Bun.Socket<Ends>, bytes: Uint8Array): void {
        if (socket.data.counts) counted.set(own, (counted.get(own) ?? 0) + bytes.length);
        const { other } = socket.data;
        if (other !== undefined) pass(other, bytes);
      },
      drain,
      close: (socket: Bun.Socket<Ends>): void => void socket.data.other?.end(),
      error: (socket: Bun.Socket<Ends>): void => void socket.data.other?.end(),
    };
    const server = Bun.listen<Ends>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        ...forward,
        async open(client) {
          client.data = { other: undefined, held: [], counts: false };
          client.pause();
          try {
            const data: Ends = { other: client, held: [], counts: true };
            client.data.other = await Bun.connect<Ends>({
              hostname,
              port: Number(port),
              data,
              socket: forward,
            });
            client.resume();
          } catch {
            client.end();
          }
        },
      },
    });
    own = server.port;
    counted.set(own, 0);
    return `http://127.0.0.1:${server.port}`;
  },
  /** Bytes that have come back through a proxy so far. */
  bytes({ url }: { url: string }): number {
    return counted.get(Number(new URL(url).port)) ?? 0;
  },
});
