/**
 * One supervised process: started, watched, restarted when it dies, stopped when told.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, type Logger, OperatorError } from "../../ops/index.ts";
import { type Child, type ChildExit, spawn, systemClock } from "../../runtime/index.ts";
import {
  CHILD_STOP_MS, PROBE_MS, READY_POLL_MS, RECOVERED_MS, RESTART_MS, START_MS_MAX,
} from "./limits.ts";
import type { ChildPlan } from "./plan.ts";

const ROOT = join(import.meta.dirname, "../../..");

export interface ChildEvents {
  /** Ready again after a restart. */
  onReady(): void;
  /** Ended in a way that another start can't help. */
  onFatal(exit: ChildExit): void;
}

export class SupervisedChild {
  readonly plan: ChildPlan;
  readonly #log: Logger;
  readonly #events: ChildEvents;
  #child: Child | undefined;
  #stopping = false;
  #deaths = 0;

  constructor(plan: ChildPlan, log: Logger, events: ChildEvents) {
    this.plan = plan;
    this.#log = log.with({ child: plan.name });
    this.#events = events;
  }

  /** The process as it runs now; 0 between death and restart. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * The first start.
   *
   * @throws OperatorError CHILD_FAILED when the process ends or isn't ready in time
   */
  async start(): Promise<void> {
    const child = await this.#spawn();
    const ready = await Promise.race([
      this.#ready(child), child.exited, sleep(START_MS_MAX, "late" as const, { ref: false }),
    ]);
    if (ready !== true) throw startFailure(this.plan.name, ready);
    this.#watch(child);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#child?.stop(CHILD_STOP_MS[this.plan.role]);
  }

  async #spawn(): Promise<Child> {
    const { script, args, env } = this.plan;
    const child = await spawn({
      // A supervisor that is killed can't stop anybody: --no-orphans ends the child with it.
      command: [process.execPath, "--no-orphans", join(ROOT, script), ...args],
      cwd: process.cwd(),
      env,
      detached: true,
      onStdout: (line) => this.#heard(line),
    });
    this.#child = child;
    // Told to stop while the process was being made.
    if (this.#stopping) child.kill("SIGKILL");
    return child;
  }

  /** A process says itself when it listens; other lines are for people. */
  #heard(line: string): void {
    if (line.startsWith('{"ready":true')) return;
    process.stderr.write(`${line}\n`);
  }

  /** True once its probe says so; gives up when the process ends. */
  async #ready(child: Child): Promise<true> {
    const url = this.plan.url + this.plan.probe;
    let over = false;
    void child.exited.then(() => (over = true));
    for (;;) {
      if (over || this.#stopping) return new Promise<never>(() => {});
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
        await response.body?.cancel();
        if (response.status === 200) return true;
      } catch {
        // Not listening yet.
      }
      await sleep(READY_POLL_MS);
    }
  }

  #watch(child: Child): void {
    const since = systemClock.monotonicMs();
    void child.exited.then((exit) => {
      if (this.#stopping) return;
      if (systemClock.monotonicMs() - since > RECOVERED_MS) this.#deaths = 0;
      return this.#died(exit);
    });
  }

  async #died(exit: ChildExit): Promise<void> {
    this.#child = undefined;
    if (this.plan.role === "primary" && exit.code === EXIT.integrity) {
      this.#events.onFatal(exit);
      return;
    }
    const pause = RESTART_MS[Math.min(this.#deaths, RESTART_MS.length - 1)]!;
    this.#deaths += 1;
    this.#log.warn("a child died and is started again", { ...exit, pause_ms: pause });
    await sleep(pause);
    if (this.#stopping) return;
    try {
      const child = await this.#spawn();
      this.#watch(child);
      await Promise.race([this.#ready(child), child.exited]);
      if (this.#child === child && !this.#stopping) this.#events.onReady();
    } catch (error) {
      this.#log.error("a child can't be started", { error });
      await this.#died({ code: null, signal: null });
    }
  }
}

function startFailure(name: string, how: ChildExit | "late"): OperatorError {
  const why = how === "late"
    ? `was not ready within ${START_MS_MAX / 1000} s`
    : `ended at once (${how.signal ?? `exit code ${how.code}`})`;
  const code = how !== "late" && how.code === EXIT.integrity ? EXIT.integrity : EXIT.failed;
  return new OperatorError("CHILD_FAILED", `${name} ${why}`, {
    hint: "what it said stands above; COUNTROOM_LOG_LEVEL=info makes it say more",
    exitCode: code,
  });
}
