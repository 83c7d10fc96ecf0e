import * as v from "valibot";
import { GUEST } from "../../access/index.ts";
import { PROBE_MS } from "./limits.ts";

const FeedShape = v.object({ sync_url: v.pipe(v.string(), v.url()) });

/** Where a guest finds the publisher's present page log; undefined while there is none. */
export async function readSyncUrl(publisherUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${publisherUrl}/v1/feed?edge=${GUEST}`, {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    if (!response.ok) return undefined;
    return v.parse(FeedShape, await response.json()).sync_url;
  } catch {
    return undefined;
  }
}
