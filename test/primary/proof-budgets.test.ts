/**
 * Goal: strangers who ask a primary for proofs as fast as they can don't take them from edges,
 * whose tokens have a budget of their own; tokens that aren't an edge's are strangers'.
 * Method: callers without a token in loops, edges' calls and receipts' proofs among them.
 */
import { expect, test } from "bun:test";
import { makeFolder, startIn } from "./folder.ts";

const PATHS = ["/v1/proofs/inclusion?seq=1", "/v1/proofs/consistency?from=1"] as const;
const STRANGERS = 48;
const TURNS = 15;

test("what strangers use up isn't what edges have", async () => {
  await using folder = await makeFolder();
  const { primary } = await startIn(folder);
  try {
    const get = async (path: string, token?: string): Promise<number> => {
      const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(primary.url + path, { headers });
      await answer.arrayBuffer();
      return answer.status;
    };
    const edge = folder.token("edge-eu");
    const others = [undefined, folder.token("api-read"), `${edge}x`, "nothing"];
    const refused = new Set<string | undefined>();
    const burn = new AbortController();
    const burning = Array.from({ length: STRANGERS }, async (_, at) => {
      const token = others[at % others.length];
      while (!burn.signal.aborted) if ((await get(PATHS[0], token)) === 503) refused.add(token);
    });
    await Bun.sleep(300);
    const told: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const path of PATHS) told.push(await get(path, edge));
      const receipts = await fetch(`${primary.url}/v1/proofs/inclusion`, {
        method: "POST",
        headers: { authorization: `Bearer ${edge}` },
        body: JSON.stringify({ seqs: ["1"] }),
      });
      told.push(receipts.status);
    }
    burn.abort();
    await Promise.all(burning);
    expect(told).toEqual(told.map(() => 200));
    expect(refused).toEqual(new Set(others));
  } finally {
    await primary.stop();
  }
}, 20_000);
