/**
 * The audit against reading and hashing what it reads. Both alternate, so that what slows the
 * machine for a while slows both.
 */
import type { Budget } from "./budget.ts";
import { type Helper, startHelper } from "./child.ts";
import { createDeployment } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { settled } from "./settle-rows.ts";
import { median, rounded, short, spread } from "./stats.ts";

const PLAYERS = 10_000;
/** Records of the book: enough that what is paid once per player hardly counts. */
const RECORDS = 300_000;
const CHUNK = 10_000;
/** Share of the time for writing the book; a shorter one will do. */
const WRITE_SHARE = 0.5;
const ROUNDS_MIN = 3;
const ROUNDS_MAX = 9;

interface Passed {
  readonly records: number;
  readonly ms: number;
}

/** `verify.rate` */
export async function verifyRate(budget: Budget): Promise<Measured> {
  budget.need(12, "writing and auditing a book");
  using deployment = await createDeployment();
  const { dir } = deployment;
  await write(dir, budget.share(WRITE_SHARE));
  await using auditor = startHelper("verify.ts");
  const ratios: number[] = [];
  const rates: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < ROUNDS_MAX; round += 1) {
    const began = budget.leftMs;
    const audit = await auditor.call<Passed>("audit", { dir }, budget);
    const read = await auditor.call<Passed>("read", { dir }, budget);
    if (audit.records !== read.records) throw new Error("the two didn't read the same records");
    // The first round only warms up.
    if (round >= 0) {
      ratios.push(read.ms / audit.ms);
      rates.push((1_000 * audit.records) / audit.ms);
      bare.push((1_000 * read.records) / read.ms);
    }
    if (ratios.length >= ROUNDS_MIN && budget.leftMs < 2 * (began - budget.leftMs)) break;
  }
  const detail =
    `${short(median(rates))} records/s audited, ${short(median(bare))} read and hashed; ` +
    `${ratios.length} alternating rounds, ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}

/** Writes the book and stops its primary once everything is signed. */
async function write(dir: string, budget: Budget): Promise<void> {
  await using writer: Helper = startHelper("settle-process.ts");
  const url = await writer.call<string>("begin", { dir, players: PLAYERS }, budget);
  let size = 2 * PLAYERS + 1;
  const began = budget.leftMs;
  while (size < RECORDS && budget.leftMs > began / 3) {
    const { to } = await writer.call<{ to: number }>("settle", { events: CHUNK }, budget);
    size = to;
  }
  await settled(url, size, budget);
}
