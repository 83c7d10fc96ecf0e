/**
 * Helper processes: each answers named calls over Bun's channel between processes, and ends with
 * the benchmark.
 */
import { join } from "node:path";
import { ROOT } from "../checks/process.ts";
import type { Budget } from "./budget.ts";
import { owned } from "./owned.ts";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A running helper. */
export interface Helper extends AsyncDisposable {
  readonly pid: number;
  /** Calls a method of the helper; rejects with its error, or when the time is over. */
  call<T>(method: string, args: unknown, budget: Budget): Promise<T>;
}

/** Starts a file of `children/`. */
export function startHelper(file: string): Helper {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  let ended: string | undefined;
  const fail = (why: string): void => {
    ended = why;
    for (const [id, resolve] of waiting) resolve({ id, error: why });
  };
  const script = join(ROOT, "scripts", "bench", "children", file);
  const child = Bun.spawn([process.execPath, "--no-orphans", script], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    serialization: "advanced",
    ipc: (message: Answer) => {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    },
    onExit: (_, code, signal) => fail(`${file} ended (${signal ?? code})`),
  });
  owned.add(child);
  return {
    pid: child.pid,
    async call<T>(method: string, args: unknown, budget: Budget): Promise<T> {
      if (ended !== undefined) throw new Error(ended);
      const id = (calls += 1);
      const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      child.send({ id, method, args } satisfies Call);
      const { value, error } = await budget.within(answered, `${file}: ${method}`);
      if (error !== undefined) throw new Error(error);
      return value as T;
    },
    [Symbol.asyncDispose]: () => owned.stop(child),
  };
}

/** In a helper: answers calls until the benchmark goes away. */
export function serveCalls(methods: Record<string, (args: never) => unknown>): void {
  process.on("message", async (call: Call) => {
    const answer = async (): Promise<Answer> => {
      const method = methods[call.method];
      if (method === undefined) return { id: call.id, error: `no method ${call.method}` };
      try {
        return { id: call.id, value: await method(call.args as never) };
      } catch (error) {
        return { id: call.id, error: error instanceof Error ? (error.stack ?? "") : String(error) };
      }
    };
    process.send?.(await answer());
  });
  process.on("disconnect", () => process.exit(0));
}
