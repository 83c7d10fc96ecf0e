/**
 * Goal: a primary whose file can't grow stops, says so, and loses no receipt it has given.
 * Method: the process gets a limit on the size of its files, and events until it is gone.
 */
import { expect, test } from "bun:test";
import { deposit, registration } from "../primary/events.ts";
import { makeFolder } from "../primary/folder.ts";
import { startProcess } from "../primary/process.ts";

const FILE_KIB_MAX = 2_048;
const BATCHES_MAX = 200;

test("a file that can't grow ends the primary, and nothing acknowledged is lost", async () => {
  await using folder = await makeFolder();
  const credentials = [folder.token("api-play")];
  await using first = await startProcess(folder, { fileKibMax: FILE_KIB_MAX });
  const { receipts } = await first
    .client()
    .append({ credentials, items: [{ event: registration() }] });
  const player = receipts[0]!.playerRef;
  const given: { event: Uint8Array; seq: bigint }[] = [];
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const events = Array.from({ length: 100 }, () => deposit(player, 1n));
    try {
      const answer = await first
        .client()
        .append({ credentials, items: events.map((event) => ({ event })) }, { timeoutMs: 5_000 });
      given.push(...answer.receipts.map(({ seq }, index) => ({ event: events[index]!, seq })));
    } catch {
      break;
    }
  }
  expect(given.length).toBeGreaterThan(100);
  expect(given.length).toBeLessThan(BATCHES_MAX * 100);
  expect(await first.exited).not.toBe(0);
  expect(first.stderr()).toMatch(/DISK_FULL|COMMIT_UNKNOWN|CHECKPOINTER_FAILED|SQLITE/);

  await using second = await startProcess(folder);
  for (let at = 0; at < given.length; at += 1_000) {
    const part = given.slice(at, at + 1_000);
    const answer = await second
      .client()
      .append({ credentials, items: part.map(({ event }) => ({ event })) });
    expect(answer.receipts.map(({ seq }) => seq)).toEqual(part.map(({ seq }) => seq));
    expect(answer.receipts.every(({ replayed }) => replayed)).toBe(true);
  }
}, 60_000);
