import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../ops/index.ts";
import { systemClock } from "../../runtime/index.ts";
import { PORT_WAIT_MS } from "./limits.ts";
import type { ChildPlan } from "./plan.ts";

const PAUSE_MS = 100;

/**
 * Makes sure that every child can have its port.
 *
 * @throws OperatorError PORT_IN_USE naming the ports that are taken
 */
export async function checkPorts(host: string, children: readonly ChildPlan[]): Promise<void> {
  const end = systemClock.monotonicMs() + PORT_WAIT_MS;
  for (;;) {
    const free = await Promise.all(children.map((child) => isFree(host, child.port)));
    const taken = children.filter((_child, index) => free[index] === false);
    if (taken.length === 0) return;
    if (systemClock.monotonicMs() >= end) {
      const list = taken.map((child) => `${child.port} (${child.name})`).join(", ");
      throw new OperatorError("PORT_IN_USE", `already in use: port ${list}`, {
        hint: "stop what listens there, or choose others: bun run dev --port-base 17400",
      });
    }
    await sleep(PAUSE_MS);
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
