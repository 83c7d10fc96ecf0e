/**
 * A whole deployment at work: primary, publisher and edges as real processes.
 */
import { join } from "node:path";
import { type Budget, pause } from "./budget.ts";
import type { Deployment, Role } from "./deployment.ts";

/** Starts a publisher with the tick of the goals. */
export function startPublisher(
  { dir, start }: Deployment,
  primaryUrl: string,
  budget: Budget,
): Promise<Role> {
  const settings = {
    COUNTROOM_PRIMARY_URL: primaryUrl,
    COUNTROOM_TOKEN_FILE: join(dir, "keys", "publisher.jwt"),
    COUNTROOM_TICK_MS: 10,
  };
  return start("publisher", settings, budget);
}

/** Starts an edge; resolves when a replica is in service. */
export async function startEdge(
  { dir, replicas, start }: Deployment,
  urls: { readonly primary: string; readonly publisher: string },
  region: string,
  workers: number,
  budget: Budget,
): Promise<Role> {
  const settings = {
    COUNTROOM_PRIMARY_URL: urls.primary,
    COUNTROOM_PUBLISHER_URL: urls.publisher,
    COUNTROOM_REGION: region,
    COUNTROOM_REPLICA_DIR: join(replicas, region),
    COUNTROOM_WORKERS: workers,
    COUNTROOM_TOKEN_FILE: join(dir, "keys", `edge-${region}.jwt`),
  };
  const edge = await start("edge", settings, budget);
  try {
    await inService(edge.url, budget);
  } catch (error) {
    await edge[Symbol.asyncDispose]();
    throw error;
  }
  return edge;
}

/** Every worker must have the replica; a few answers in a row come from all of them. */
const READY_IN_A_ROW = 20;

async function inService(url: string, budget: Budget): Promise<void> {
  for (let inARow = 0; inARow < READY_IN_A_ROW;) {
    budget.need(0.2, "the edge's replica");
    const response = await fetch(`${url}/readyz`, { headers: { connection: "close" } });
    const text = await response.text();
    const { replica } = JSON.parse(text) as { replica?: unknown };
    inARow = response.ok && replica !== null && replica !== undefined ? inARow + 1 : 0;
    if (inARow === 0) await pause(100);
  }
}
