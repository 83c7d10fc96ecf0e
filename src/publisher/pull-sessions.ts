import type { Clock } from "../runtime/index.ts";
import { PULL_GAPS, PULL_MS_MAX, PULL_MS_MIN, PULL_SESSIONS_MAX, REPOLL_MS_MAX } from "./limits.ts";

/**
 * How one connection pulls. A client's pull is a run of polls that ends only with a 400 of its own
 * generation, and two kinds of client look alike: a background task, which begins its next pull
 * one way there and back after the last and should be held; and a program that waits for its
 * `sync()`, or for a file to open, which must be let go once it has everything. Heartbeats and a
 * busy book would keep either pull going for ever.
 */
export class PullSession {
  readonly #clock: Clock;
  #beganMs: number | undefined;
  #polledMs = Number.NEGATIVE_INFINITY;
  #endedMs = Number.NEGATIVE_INFINITY;
  /** Between the last pull's end and this one's beginning. */
  #gapMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A poll has come. */
  polled(): void {
    const now = this.#clock.monotonicMs();
    const givenUp = now - this.#polledMs > PULL_MS_MAX + REPOLL_MS_MAX;
    this.#polledMs = now;
    if (this.#beganMs !== undefined && !givenUp) return;
    this.#beganMs = now;
    this.#gapMs = now - this.#endedMs;
  }

  /** A poll that has everything may wait for more. */
  get mayHold(): boolean {
    return this.#gapMs <= REPOLL_MS_MAX && !this.tired;
  }

  /** The pull has lasted long enough: what it costs to begin another is small beside it. */
  get tired(): boolean {
    const limitMs = Math.min(Math.max(PULL_GAPS * this.#gapMs, PULL_MS_MIN), PULL_MS_MAX);
    return this.#clock.monotonicMs() - (this.#beganMs ?? 0) > limitMs;
  }

  /** The pull is being ended. */
  end(): void {
    this.#beganMs = undefined;
    this.#endedMs = this.#clock.monotonicMs();
  }
}

/** The sessions of all connections, the most recently used ones. */
export class PullSessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, PullSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The session of a connection that polls now. */
  of(connection: string): PullSession {
    const session = this.#sessions.get(connection) ?? new PullSession(this.#clock);
    // A Map keeps its order of insertion: what is set anew is the youngest.
    this.#sessions.delete(connection);
    this.#sessions.set(connection, session);
    if (this.#sessions.size > PULL_SESSIONS_MAX) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    }
    session.polled();
    return session;
  }
}
