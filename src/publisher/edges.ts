import type { Clock } from "../runtime/index.ts";
import { EDGE_FORGET_MS, EDGES_MAX } from "./limits.ts";
import type { PageLog } from "./page-log.ts";

/** What is known about one edge from its polls. */
export interface EdgePosition {
  readonly name: string;
  /** Seq that it has committed: its next poll is the acknowledgement. */
  readonly seq: number;
  readonly generation: number;
  /** First frame that it doesn't have. */
  readonly from: number;
  readonly seenMs: number;
}

/** The positions of all edges. */
export class Edges {
  readonly #clock: Clock;
  readonly #positions = new Map<string, EdgePosition>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An edge asks for frame `from`: it holds everything before. */
  polled(name: string, log: PageLog, generation: number, from: number): void {
    const seq = log.acknowledged(generation, from) ?? 0;
    const seenMs = this.#clock.monotonicMs();
    if (!this.#positions.has(name) && this.#positions.size >= EDGES_MAX) this.#forget(seenMs);
    if (this.#positions.has(name) || this.#positions.size < EDGES_MAX) {
      this.#positions.set(name, { name, seq, generation, from, seenMs });
    }
  }

  all(): readonly EdgePosition[] {
    this.#forget(this.#clock.monotonicMs());
    return [...this.#positions.values()];
  }

  #forget(nowMs: number): void {
    for (const { name, seenMs } of this.#positions.values()) {
      if (nowMs - seenMs > EDGE_FORGET_MS) this.#positions.delete(name);
    }
  }
}
