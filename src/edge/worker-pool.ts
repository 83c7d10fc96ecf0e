/**
 * Several processes that answer requests on one port, kept alive and told which replica to use.
 *
 * @module
 */
import type { Logger } from "../ops/index.ts";
import { scriptCommand, spawn, type Child } from "../runtime/index.ts";
import { heard, WorkerAnswer } from "./child-messages.ts";
import { REBUILD_MS_MAX, RELEASE_MS, WORKER_READY_MS_MAX, WORKER_RESTART_MS } from "./limits.ts";
import type { ReplicaPlace } from "./replica-folder.ts";
import type { KeeperStatus } from "./keeper-status.ts";
import type { ReplicaUser } from "./replica-keeper.ts";
import { sleep } from "./sleep.ts";

/** Options of {@link WorkerPool.start}. */
export interface WorkerPoolOptions {
  readonly count: number;
  /** The worker's program: a file that calls `serveWorker`. */
  readonly script: string;
  /** What the program needs to know. */
  readonly program: unknown;
  /** 0 picks a free port, the same for all. */
  readonly port: number;
  readonly log: Logger;
}

interface Worker {
  readonly child: Child;
  readonly listening: Promise<number | undefined>;
  readonly answers: Map<number, (good: boolean) => void>;
}

/** See the module. */
export class WorkerPool implements ReplicaUser, AsyncDisposable {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #stop = new AbortController();
  #place: ReplicaPlace | undefined;
  #number = 0;
  #port: number;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Starts the workers; resolves when all of them listen, rejects when one can't. */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    for (let index = 0; index < options.count; index += 1) {
      const worker = await pool.#start();
      const port = await worker.listening;
      if (port === undefined) {
        await pool[Symbol.asyncDispose]();
        throw new TypeError("a worker of the edge can't listen");
      }
      pool.#port = port;
      void pool.#keep(worker);
    }
    return pool;
  }

  get port(): number {
    return this.#port;
  }

  get pids(): readonly number[] {
    return [...this.#workers].map(({ child }) => child.pid);
  }

  /** Tells every worker; one that doesn't follow in time is replaced. */
  async use(place: ReplicaPlace | undefined): Promise<void> {
    const former = this.#place;
    this.#place = place;
    const followed = await Promise.all([...this.#workers].map((one) => this.#tell(one, place)));
    if (!followed.includes(false) || place === undefined) return;
    if (followed.includes(true)) return;
    this.#place = former;
    throw new TypeError("no worker can read the replica");
  }

  /** Passes on how keeping the replica goes. */
  hear(status: KeeperStatus): void {
    for (const { child } of this.#workers) child.write(`${JSON.stringify({ keeper: status })}\n`);
  }

  /** Lets running requests end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#workers].map(({ child }) => child.stop()));
  }

  async #tell(worker: Worker, place: ReplicaPlace | undefined): Promise<boolean> {
    const number = (this.#number += 1);
    const answered = new Promise<boolean>((resolve) => worker.answers.set(number, resolve));
    worker.child.write(`${JSON.stringify({ use: place ?? null, number })}\n`);
    const good = await Promise.race([answered, sleep(RELEASE_MS, this.#stop.signal)]);
    worker.answers.delete(number);
    if (good === true) return true;
    if (!this.#stop.signal.aborted) worker.child.kill("SIGKILL");
    return false;
  }

  async #start(): Promise<Worker> {
    let hear: (line: string) => void = () => {};
    const child = await spawn({
      command: scriptCommand(this.#options.script, []),
      stdin: true,
      onStdout: (line) => hear(line),
    });
    let settle: (port: number | undefined) => void = () => {};
    const listening = new Promise<number | undefined>((resolve) => (settle = resolve));
    const worker: Worker = { child, listening, answers: new Map() };
    hear = (line) => {
      const answer = heard(WorkerAnswer, line);
      if (answer === undefined) return;
      if ("listening" in answer) settle(answer.listening);
      else worker.answers.get(answer.used)?.(answer.good);
    };
    const late = setTimeout(() => child.kill("SIGKILL"), WORKER_READY_MS_MAX);
    void listening.then(() => clearTimeout(late));
    void child.exited.then(() => {
      this.#workers.delete(worker);
      settle(undefined);
      for (const answer of worker.answers.values()) answer(false);
    });
    this.#workers.add(worker);
    const order = { port: this.#port, program: this.#options.program };
    child.write(`${JSON.stringify(order)}\n`);
    return worker;
  }

  /** Restarts a worker each time it dies. */
  async #keep(first: Worker): Promise<void> {
    let worker = first;
    let pauseMs = WORKER_RESTART_MS;
    const { log } = this.#options;
    for (;;) {
      const exit = await worker.child.exited;
      if (this.#stop.signal.aborted) return;
      log.error("a worker of the edge died; restarting it", { pid: worker.child.pid, ...exit });
      await sleep(pauseMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      worker = await this.#start();
      const port = await worker.listening;
      pauseMs = port === undefined ? Math.min(pauseMs * 2, REBUILD_MS_MAX) : WORKER_RESTART_MS;
      if (port !== undefined && this.#place !== undefined) await this.#tell(worker, this.#place);
    }
  }
}
