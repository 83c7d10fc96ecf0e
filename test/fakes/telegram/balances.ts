/**
 * Reads one player's balance at every edge, as any client of the API would, and times each read.
 * The keys stay on this side; the page gets only the answers.
 *
 * @module
 */
import { BALANCE_TIMEOUT_MS, CHATS_MAX } from "./limits.ts";

export interface Edge {
  readonly region: string;
  readonly url: string;
}

export interface EdgeReading {
  readonly region: string;
  readonly url: string;
  /** `ok`, `unknown` (no such player there yet) or `down`. */
  readonly state: "ok" | "unknown" | "down";
  /** From request to parsed answer, milliseconds. */
  readonly ms?: number;
  readonly balances?: unknown;
  readonly freshness?: unknown;
}

export interface BalanceReader {
  read(chatId: number): Promise<{ player_ref: string | null; edges: EdgeReading[] }>;
}

/** @param keys the two API keys that reading and resolving need */
export function balanceReader(
  edges: readonly Edge[],
  keys: { read: string; admin: string },
): BalanceReader {
  const refs = new Map<number, string>();

  async function resolve(chatId: number): Promise<string | undefined> {
    const known = refs.get(chatId);
    if (known !== undefined || keys.admin === "") return known;
    for (const edge of edges) {
      try {
        const response = await fetch(`${edge.url}/v1/players/resolve`, {
          method: "POST",
          headers: {
            "content-type": "application/json", authorization: `Bearer ${keys.admin}`,
          },
          body: JSON.stringify({ telegram_id: String(chatId) }),
          signal: AbortSignal.timeout(BALANCE_TIMEOUT_MS),
        });
        const body = await response.json() as { player_ref?: unknown };
        if (!response.ok || typeof body.player_ref !== "string") continue;
        if (refs.size >= CHATS_MAX) refs.clear();
        refs.set(chatId, body.player_ref);
        return body.player_ref;
      } catch {
        // That edge is down; the next one may answer.
      }
    }
    return undefined;
  }

  async function readAt(edge: Edge, ref: string): Promise<EdgeReading> {
    const started = performance.now();
    try {
      const response = await fetch(`${edge.url}/v1/players/${ref}/balance`, {
        headers: { authorization: `Bearer ${keys.read}` },
        signal: AbortSignal.timeout(BALANCE_TIMEOUT_MS),
      });
      const body = await response.json() as Record<string, unknown>;
      const ms = Math.round((performance.now() - started) * 100) / 100;
      const { balances, freshness } = body;
      if (response.status === 404) return { ...edge, state: "unknown", ms, freshness };
      if (!response.ok) return { ...edge, state: "down", ms };
      return { ...edge, state: "ok", ms, balances, freshness };
    } catch {
      return { ...edge, state: "down" };
    }
  }

  return {
    async read(chatId) {
      const ref = await resolve(chatId);
      if (ref === undefined) {
        const unknown = edges.map((edge) => ({ ...edge, state: "unknown" as const }));
        return { player_ref: null, edges: unknown };
      }
      // One after the other: each figure is then the cost of that read alone.
      const readings: EdgeReading[] = [];
      for (const edge of edges) readings.push(await readAt(edge, ref));
      return { player_ref: ref, edges: readings };
    },
  };
}
