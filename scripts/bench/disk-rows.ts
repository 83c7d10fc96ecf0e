/**
 * Bytes that an event leaves on the primary's disk: two books of the same players, one with more
 * bets and settlements than the other.
 */
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Budget } from "./budget.ts";
import { startHelper } from "./child.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { startPublisher } from "./stack.ts";
import { rounded, short } from "./stats.ts";

const PLAYERS = 10_000;
const RECORDS = [100_000, 400_000] as const;
const YEAR_EVENTS = 50 * 365.25 * 86_400;

interface Sizes {
  readonly ledger: number;
  readonly tree: number;
  readonly state: number;
  readonly wallet: number;
}

/** `bytes.event` */
export async function bytesPerEvent(budget: Budget): Promise<Measured> {
  budget.need(15, "two books");
  const [small, large] = [
    await sizesWith(RECORDS[0], budget),
    await sizesWith(RECORDS[1], budget),
  ] as const;
  const events = RECORDS[1] - RECORDS[0];
  const per = (file: keyof Sizes): number => (large[file] - small[file]) / events;
  const [ledger, tree] = [per("ledger"), per("tree")];
  const yearGb = ((ledger + tree) * YEAR_EVENTS) / 1e9;
  const player = (file: keyof Sizes): number => Math.round(large[file] / PLAYERS);
  const detail =
    `ledger.db ${rounded(ledger)} (record, two claims, root), tree.db ${rounded(tree)}, over ` +
    `${short(events)} bets and settlements; a player takes ${player("state")} in state.db and ` +
    `${player("wallet")} in wallet.db; a year of 50 events/s is ${short(yearGb)} GB`;
  return { value: rounded(ledger + tree), detail };
}

/** Sizes of a book's files after a clean stop of everybody. */
async function sizesWith(records: number, budget: Budget): Promise<Sizes> {
  using deployment = await createDeployment();
  {
    await using helper = startHelper("book.ts");
    const book = { players: PLAYERS, hot: PLAYERS, records };
    await helper.call("begin", { dir: deployment.dir, ...book }, budget);
    await helper.call("end", {}, budget);
  }
  {
    await using primary = await deployment.start("primary", {}, budget);
    await using _ = await startPublisher(deployment, primary.url, budget);
  }
  return sizesOf(deployment);
}

function sizesOf({ dir }: Deployment): Sizes {
  const primary = join(dir, "primary");
  return {
    ledger: usedBytes(join(primary, "ledger.db")),
    tree: usedBytes(join(primary, "tree.db")),
    state: usedBytes(join(primary, "state.db")),
    wallet: usedBytes(join(dir, "publisher", "wallet.db")),
  };
}

/** Bytes of the pages that hold something: free ones are used before the file grows again. */
function usedBytes(path: string): number {
  if (!existsSync(path)) return 0;
  using db = new Database(path, { readonly: true });
  const pragma = (name: string): number => Number(db.query(`PRAGMA ${name}`).values()[0]?.[0]);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}
