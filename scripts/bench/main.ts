/**
 * The benchmark: runs the rows that were asked for within a budget of time, and says why where a
 * row couldn't be measured. It starts everything it needs and leaves nothing behind.
 */
import { measureArchive } from "./archive-rows.ts";
import { measureBook } from "./book-rows.ts";
import { Budget } from "./budget.ts";
import { bytesPerEvent } from "./disk-rows.ts";
import { measureFlow } from "./flow-rows.ts";
import { measureGrowth } from "./growth-rows.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { owned } from "./owned.ts";
import { measureReads } from "./read-rows.ts";
import { type Measured, type Result, resultOf, type Row, type RowGroup } from "./rows.ts";
import { settleCallers, settleNetwork, settleProcess, singleP50 } from "./settle-rows.ts";
import { verifyRate } from "./verify-rows.ts";

export { ROWS, selectRows } from "./rows.ts";
export { owned } from "./owned.ts";
export type { Result, Row } from "./rows.ts";

/** The document that `--json` prints. */
export interface BenchReport {
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/** What is run together, and how much of the time it should get beside the others. */
interface Task {
  readonly rows: readonly Row[];
  readonly weight: number;
  measure(budget: Budget): Promise<ReadonlyMap<string, Measured>>;
}

/** Without a budget, each row gets about what it needs for steady figures. */
export const SECONDS_DEFAULT: Readonly<Record<RowGroup, number>> = {
  settle: 30,
  flow: 40,
  read: 200,
  growth: 300,
  book: 330,
  archive: 90,
};

const SETTLE_ROWS: Readonly<Record<string, (budget: Budget) => Promise<Measured>>> = {
  "settle.process.500": settleProcess,
  "settle.network.500": settleNetwork,
  "settle.callers.64": settleCallers,
  "single.p50": singleP50,
  "bytes.event": bytesPerEvent,
  "verify.rate": verifyRate,
};

/** Kept back for ending processes and removing folders. */
const CLEAN_UP_SECONDS = 2;

/** Measures rows. `seconds` is for all of them; without it each group gets its default. */
export async function runBench(
  rows: readonly Row[],
  seconds: number | undefined,
  onProgress: (text: string) => void,
): Promise<BenchReport> {
  const tasks = tasksOf(rows);
  const wanted = tasks.reduce((sum, { weight }) => sum + weight, 0);
  const whole = new Budget((seconds ?? wanted) - CLEAN_UP_SECONDS);
  const machine = describeMachine();
  const measured = new Map<string, Measured>();
  for (const [index, task] of tasks.entries()) {
    const names = task.rows.map(({ name }) => name);
    onProgress(names.join(", "));
    const rest = tasks.slice(index).reduce((sum, { weight }) => sum + weight, 0);
    for (const [name, value] of await attempt(task, whole.share(task.weight / rest))) {
      measured.set(name, value);
    }
  }
  await owned.clear();
  const missing: Measured = { value: null, detail: "not measured" };
  return { machine, results: rows.map((one) => resultOf(one, measured.get(one.name) ?? missing)) };
}

function tasksOf(rows: readonly Row[]): Task[] {
  const together = (
    group: RowGroup,
    measure: (names: ReadonlySet<string>, budget: Budget) => ReturnType<Task["measure"]>,
  ): Task[] => {
    const own = rows.filter((one) => one.group === group);
    if (own.length === 0) return [];
    const names = new Set(own.map(({ name }) => name));
    const weight = SECONDS_DEFAULT[group];
    return [{ rows: own, weight, measure: (budget) => measure(names, budget) }];
  };
  const settling = rows.flatMap((one): Task[] => {
    const measure = SETTLE_ROWS[one.name];
    if (measure === undefined) return [];
    const weight = SECONDS_DEFAULT.settle;
    const named = async (budget: Budget) => new Map([[one.name, await measure(budget)]]);
    return [{ rows: [one], weight, measure: named }];
  });
  return [
    ...settling,
    ...together("flow", measureFlow),
    ...together("read", measureReads),
    ...together("archive", measureArchive),
    ...together("growth", measureGrowth),
    ...together("book", measureBook),
  ];
}

/** Runs a task; whatever goes wrong becomes the detail of its rows. */
async function attempt(task: Task, budget: Budget): Promise<ReadonlyMap<string, Measured>> {
  try {
    return await budget.within(task.measure(budget), task.rows.map(({ name }) => name).join(", "));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const why: Measured = { value: null, detail: `not measured: ${detail.split("\n")[0]}` };
    return new Map(task.rows.map(({ name }) => [name, why]));
  } finally {
    await owned.clear();
  }
}
