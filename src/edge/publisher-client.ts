/**
 * The publisher as an edge's supervisor sees it: which feed is in force, and whether it serves.
 *
 * @module
 */
import * as v from "valibot";
import type { Clock, Fetch } from "../runtime/index.ts";
import { CONTROL_TIMEOUT_MS } from "./limits.ts";

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Feed = v.object({
  epoch: Count,
  feed: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,64}$/)),
  seq: Count,
  /** Newest tick; a publisher that doesn't tell is judged by its seq. */
  tick: v.optional(Count),
});
export type Feed = v.InferOutput<typeof Feed>;

const Info = v.object({ current_generation: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** Options of {@link PublisherClient}. */
export interface PublisherClientOptions {
  readonly url: string;
  readonly edgeId: string;
  /** The edge's own token. */
  readonly token: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Asks the publisher; never throws. */
export class PublisherClient {
  readonly #options: PublisherClientOptions;
  /** The last round trip, milliseconds; undefined before the first. */
  tripMs: number | undefined;

  constructor(options: PublisherClientOptions) {
    this.#options = options;
  }

  /** The feed in force; undefined when the publisher is away. */
  async feed(): Promise<Feed | undefined> {
    const sentMs = this.#options.clock.monotonicMs();
    const found = await this.#get(`${this.#options.url}/v1/feed`, Feed);
    if (found !== undefined) this.tripMs = this.#options.clock.monotonicMs() - sentMs;
    return found;
  }

  /**
   * Whether a replica of this feed can be opened: the native client takes any other answer for an
   * older protocol and ruins its file.
   */
  async serves(feed: Feed): Promise<boolean> {
    return (await this.#get(`${this.syncUrl(feed)}/info`, Info)) !== undefined;
  }

  /** The address that a libSQL client syncs this feed from. */
  syncUrl(feed: Feed): string {
    const { url, edgeId } = this.#options;
    return `${url}/sync/${feed.epoch}-${feed.feed}/wallet/${edgeId}`;
  }

  async #get<Schema extends v.GenericSchema>(
    url: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema> | undefined> {
    try {
      const answer = await this.#options.fetch(url, {
        headers: { authorization: `Bearer ${this.#options.token}` },
        signal: AbortSignal.timeout(CONTROL_TIMEOUT_MS),
        redirect: "error",
      });
      if (!answer.ok) {
        await answer.body?.cancel();
        return undefined;
      }
      const parsed = v.safeParse(schema, await answer.json());
      return parsed.success ? parsed.output : undefined;
    } catch {
      return undefined;
    }
  }
}
