/**
 * Rows that compare one book with another: large with small, one hot account with many. Cost is
 * the time of the writer's own thread, which decides how much a primary settles.
 */
import type { Budget } from "./budget.ts";
import { startHelper, type Helper } from "./child.ts";
import type { Spread } from "./children/book.ts";
import { createDeployment } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { median, rounded, short, spread as range } from "./stats.ts";

const SMALL = { players: 10_000, hot: 10_000, records: 100_000 } as const;
const LARGE = { players: 1_000_000, hot: 10_000, records: 10_000_000 } as const;
/** Less than this is no growth worth a figure. */
const LARGE_RECORDS_MIN = 500_000;
/** Share of the time for building the large book; it is as large as that allows. */
const BUILD_SHARE = 0.6;
/** A book that grows costs more per record than the small one did. */
const BUILD_MARGIN = 1.3;
const EVENTS = 20_000;
const ROUNDS_MIN = 3;
const ROUNDS_MAX = 15;

interface Cost {
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** One side of a comparison. */
interface Side {
  readonly helper: Helper;
  readonly spread: Spread;
}

/** The figures of the rows that were asked for, by name. */
export async function measureGrowth(
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<ReadonlyMap<string, Measured>> {
  budget.need(10, "a book");
  const results = new Map<string, Measured>();
  using deployment = await createDeployment();
  await using small = startHelper("book.ts");
  const made = await begin(small, deployment.dir, SMALL, budget);
  if (names.has("growth")) {
    results.set("growth", await growth(small, made.ms / made.records, budget));
  }
  const hot = [...names].filter((name) => name !== "growth");
  if (hot.length === 0) return results;
  await small.call("operators", { players: SMALL.players }, budget);
  for (const [index, name] of hot.entries()) {
    const [one, many] = SPREADS[name]!;
    const sides = [
      { helper: small, spread: one },
      { helper: small, spread: many },
    ] as const;
    const { ratio, text } = await compare(...sides, budget.share(0.9 / (hot.length - index)));
    results.set(name, { value: ratio, detail: `${one} ÷ ${many}: ${text}` });
  }
  return results;
}

const SPREADS: Readonly<Record<string, readonly [Spread, Spread]>> = {
  "hot.house": ["one operator", "operators"],
  "hot.player": ["one player", "players"],
};

interface Book {
  readonly players: number;
  readonly hot: number;
  readonly records: number;
}

function begin(helper: Helper, dir: string, book: Book, budget: Budget) {
  return helper.call<{ ms: number; records: number }>("begin", { dir, ...book }, budget);
}

async function growth(small: Helper, msPerRecord: number, budget: Budget): Promise<Measured> {
  const perRecordMs = (msPerRecord * BUILD_MARGIN) / BUILD_SHARE;
  budget.need((LARGE_RECORDS_MIN * perRecordMs) / 1_000, "a large book");
  const fits = Math.floor(budget.leftMs / perRecordMs / 100_000) * 100_000;
  const records = Math.min(LARGE.records, fits);
  const players = Math.round((LARGE.players * records) / LARGE.records);
  using deployment = await createDeployment();
  await using large = startHelper("book.ts");
  const book = { ...LARGE, records, players };
  const made = await begin(large, deployment.dir, book, budget);
  const sides = [
    { helper: large, spread: "players" },
    { helper: small, spread: "players" },
  ] as const;
  const { ratio, text } = await compare(...sides, budget.share(0.9));
  const sizes =
    `${short(made.records)} records and ${short(players)} players ÷ ` +
    `${short(SMALL.records)} and ${short(SMALL.players)}`;
  const full = records === LARGE.records ? "" : " (more with --seconds)";
  return { value: ratio, detail: `${sizes}${full}: ${text}` };
}

/** Alternates rounds of both; the figure is the ratio of their medians. */
async function compare(a: Side, b: Side, budget: Budget): Promise<{ ratio: number; text: string }> {
  const costs: [Cost[], Cost[]] = [[], []];
  for (let round = -1; round < ROUNDS_MAX; round += 1) {
    const began = budget.leftMs;
    const pair: Cost[] = [];
    for (const { helper, spread } of [a, b]) {
      pair.push(await helper.call<Cost>("round", { events: EVENTS, spread }, budget));
    }
    // The first round only warms up.
    if (round < 0) continue;
    for (const [side, cost] of pair.entries()) costs[side]!.push(cost);
    if (costs[0].length >= ROUNDS_MIN && budget.leftMs < 1.5 * (began - budget.leftMs)) break;
  }
  const of = (side: 0 | 1, key: keyof Cost): number[] => costs[side].map((cost) => cost[key]);
  const ratios = costs[0].map((cost, at) => cost.cpuUs / costs[1][at]!.cpuUs);
  const text =
    `${rounded(median(of(0, "cpuUs")))} ÷ ${rounded(median(of(1, "cpuUs")))} µs of the writer's ` +
    `thread an event (by the clock ${rounded(median(of(0, "wallUs")))} ÷ ` +
    `${rounded(median(of(1, "wallUs")))}), groups of 500; ${ratios.length} alternating rounds, ` +
    `ratios ${range(ratios)}`;
  return { ratio: rounded(median(ratios)), text };
}
