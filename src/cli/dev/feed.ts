import * as v from "valibot";
import { PROBE_MS } from "./limits.ts";

const FeedShape = v.object({ epoch: v.union([v.number(), v.string()]), feed: v.string() });

/** Names the publisher's present page log; undefined while it doesn't say. */
export async function readFeed(publisherUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${publisherUrl}/v1/feed`, {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    if (!response.ok) return undefined;
    const { epoch, feed } = v.parse(FeedShape, await response.json());
    return `${epoch}-${feed}`;
  } catch {
    return undefined;
  }
}
