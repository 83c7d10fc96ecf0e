/**
 * Helper: a primary in this process, fed without a network.
 */
import { CredentialVerifier, loadKeys } from "../../../src/access/index.ts";
import { readConfig } from "../../../src/config/index.ts";
import { logger } from "../../../src/ops/index.ts";
import { type Primary, startPrimary } from "../../../src/primary/index.ts";
import { systemClock } from "../../../src/runtime/index.ts";
import { join } from "node:path";
import { nowMs } from "../budget.ts";
import { serveCalls } from "../child.ts";
import { registrations, Workload } from "../workload.ts";

const GROUP = 500;

let primary: Primary;
let access: Awaited<ReturnType<CredentialVerifier["verify"]>>;
let workload: Workload;

async function settle(events: readonly Uint8Array[]) {
  const receipts = await primary.append(events.map((event) => ({ event, access })));
  const bad = receipts.find(({ seq }) => seq === 0n);
  if (bad !== undefined) throw new Error(`refused: code ${bad.code}, field ${bad.field}`);
  return receipts;
}

async function settleAll(events: readonly Uint8Array[]): Promise<string[]> {
  const refs: string[] = [];
  for (let at = 0; at < events.length; at += GROUP) {
    for (const receipt of await settle(events.slice(at, at + GROUP))) refs.push(receipt.playerRef);
  }
  return refs;
}

serveCalls({
  /** Opens the book and registers players with money; answers the book's address. */
  async begin({ dir, players }: { dir: string; players: number }): Promise<string> {
    const config = readConfig("primary", {}, { COUNTROOM_DATA: dir, COUNTROOM_PORT: 0 });
    const keys = loadKeys(join(dir, "keys"));
    const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
    access = await verifier.verify(keys.token("api-play"));
    const log = logger("bench", { level: "error" });
    primary = await startPrimary({ config, log, onFatal: () => process.exit(1) });
    workload = new Workload(await settleAll(registrations(players)));
    await settleAll(workload.deposits().map(({ event }) => event));
    return primary.url;
  },
  /** Settles events in groups of 500; answers the records and the milliseconds. */
  async settle({ events }: { events: number }): Promise<{ from: number; to: number; ms: number }> {
    const made = workload.rounds(events).map(({ event }) => ({ event, access }));
    const groups = Array.from({ length: Math.ceil(made.length / GROUP) }, (_, index) =>
      made.slice(index * GROUP, (index + 1) * GROUP),
    );
    const began = nowMs();
    let first: bigint | undefined;
    let last = 0n;
    for (const group of groups) {
      const receipts = await primary.append(group);
      first ??= receipts[0]?.seq;
      last = receipts.at(-1)?.seq ?? 0n;
    }
    const ms = nowMs() - began;
    if (Number(last - (first ?? 0n)) + 1 !== made.length) throw new Error("not all were settled");
    return { from: Number(first), to: Number(last), ms };
  },
});
