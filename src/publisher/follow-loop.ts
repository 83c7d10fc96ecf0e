import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../runtime/index.ts";
import { openTail, type CheckpointFile, type LedgerClient } from "../wire/index.ts";
import { PublisherError } from "./errors.ts";
import type { Follower } from "./follower.ts";
import { FILES_CHECK_MS, FOLLOW_TURN_MS } from "./limits.ts";
import { Ticker } from "./ticker.ts";

/** What a loop needs. */
export interface FollowLoopOptions {
  readonly client: LedgerClient;
  readonly checkpoints: CheckpointFile;
  readonly clock: Clock;
  readonly tickMs: number;
}

/** One connection to the Tail, fed into a follower. */
export class FollowLoop {
  readonly #follower: Follower;
  readonly #options: FollowLoopOptions;
  readonly #halt = new AbortController();
  /** A failure beside the stream: of a tick that ended by the clock, or of the files. */
  #failure: unknown;

  constructor(follower: Follower, options: FollowLoopOptions) {
    this.#follower = follower;
    this.#options = options;
  }

  /** Follows until something fails, or `stop`. `onMessage` is called after each message. */
  async run(stop: AbortSignal, onMessage: () => void): Promise<void> {
    const { clock, tickMs } = this.#options;
    const onError = (error: unknown): void => this.#fail(error);
    const ticker = new Ticker(this.#follower, { tickMs, clock, onError });
    const files = setInterval(() => this.#checkFiles(), FILES_CHECK_MS);
    try {
      this.#follower.feed?.checkFiles();
      await this.#follow(ticker, AbortSignal.any([stop, this.#halt.signal]), onMessage);
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      ticker.stop();
      clearInterval(files);
    }
    throw this.#failure ?? new PublisherError("TAIL_LOST", "the primary has ended the Tail");
  }

  async #follow(ticker: Ticker, stop: AbortSignal, onMessage: () => void): Promise<void> {
    const { client, checkpoints, clock } = this.#options;
    const request = { fromSeq: this.#follower.seq + 1, checkpoint: checkpoints.note };
    let turnMs = clock.monotonicMs();
    for await (const message of openTail(client, request, stop)) {
      this.#follower.accept(message);
      ticker.touch();
      this.#openFeed();
      onMessage();
      if (clock.monotonicMs() - turnMs < FOLLOW_TURN_MS) continue;
      await turn();
      turnMs = clock.monotonicMs();
    }
  }

  /** Nothing is served before the primary was seen to stand where it may, and the file proven. */
  #openFeed(): void {
    if (this.#follower.feed === undefined && this.#follower.proven) this.#follower.openFeed();
  }

  #checkFiles(): void {
    try {
      this.#follower.feed?.checkFiles();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#halt.abort();
  }
}
