/** What an edge asks of its runtime, run by whichever runtime runs this. Prints one JSON line. */
import { connect as connectSocket } from "node:net";
import { once } from "node:events";
import {
  runtimeName,
  scriptCommand,
  serve,
  spawn,
  systemClock,
  uuidv7,
  zstdCompress,
  zstdDecompress,
} from "../../src/runtime/index.ts";
import {
  connectFetch,
  createLedgerClient,
  decodeEvent,
  encodeEvent,
} from "../../src/wire/index.ts";
import { LedgerService } from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

if (process.argv.at(-1) === "child") {
  console.log("child speaks");
} else {
  console.log(JSON.stringify(await measure()));
}

async function measure(): Promise<object> {
  let streamsEnded = 0;
  async function* tail(_: unknown, context: { signal: AbortSignal }) {
    try {
      for (let seq = 0n; !context.signal.aborted; seq += 1n) {
        yield { headSeq: seq };
        await sleep(2);
      }
    } finally {
      streamsEnded += 1;
    }
  }
  const calls = connectFetch({
    routes: (router) =>
      router.service(LedgerService, { append: () => ({ checkpoint: "c" }), tail }),
  });
  await using server = own(
    serve({
      port: 0,
      fetch: async (request, info) => {
        if (request.url.endsWith("/slow")) await sleep(300);
        if (request.url.endsWith("/throws")) throw new Error("a secret");
        return calls(request) ?? new Response(info.remoteAddress);
      },
    }),
  );
  const client = createLedgerClient({ baseUrl: server.url, token: "t" });
  const heads: string[] = [];
  for await (const message of client.tail({})) {
    heads.push(String(message.headSeq));
    if (heads.length === 3) break;
  }
  const lines: string[] = [];
  const script = new URL(import.meta.url).pathname;
  const child = await spawn({
    command: scriptCommand(script, ["child"]),
    onStdout: (line) => void lines.push(line),
  });
  const exit = await child.exited;
  const thrown = await fetch(`${server.url}/throws`);
  const slow = fetch(`${server.url}/slow`).then((response) => response.status);
  await sleep(50);
  const stopped = server.stop(2_000);
  const event = encodeEvent({
    eventId: uuidv7(),
    idempotencyKey: "k",
    payload: { case: "playerRegistered", value: {} },
  });
  const data = new TextEncoder().encode("countroom ".repeat(100));
  const packed = zstdCompress(data);
  return {
    runtime: runtimeName,
    append: (await client.append({}).catch(() => ({ checkpoint: "refused" }))).checkpoint,
    heads,
    child: { lines, ...exit },
    thrown: [thrown.status, await thrown.text()],
    slow: await slow,
    stopped: (await stopped) === undefined,
    refusedAfterStop: await refused(server.port),
    streamsEnded,
    decoded: decodeEvent(event).ok,
    zstd: [packed.length < data.length, new TextDecoder().decode(zstdDecompress(packed)).length],
    clock: Math.abs(systemClock.nowUs() / 1000 - Date.now()) < 50,
  };
}

function own<Owned extends { stop(drainMs?: number): Promise<void> }>(owned: Owned) {
  return { ...owned, [Symbol.asyncDispose]: () => owned.stop(0) };
}

async function refused(port: number): Promise<boolean> {
  const socket = connectSocket(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
