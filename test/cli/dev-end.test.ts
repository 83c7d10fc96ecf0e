/**
 * Goal: `dev` ends without a trace but its book, and begins again where it was, however it ended.
 * Method: the command itself, stopped by signals of either kind.
 */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { countroom, DevHouse } from "./dev-house.ts";
import { gone, until } from "./processes.ts";

const LONG_MS = 60_000;

/** Says something as player 4242 and waits until the bot has answered in these words. */
async function talk(house: DevHouse, text: string, answer: string): Promise<void> {
  const { telegram } = (await house.dev())!;
  const body = new URLSearchParams({ chat_id: "4242", text });
  await fetch(`${telegram.api}/sim/send`, { method: "POST", body });
  await until(async () => {
    const response = await fetch(`${telegram.api}/sim/messages?chat_id=4242`);
    return (await response.json() as { text: string }[]).some((one) => one.text.includes(answer));
  });
}

test("a clean stop, a kill, and the same book each time", async () => {
  await using house = await DevHouse.open();
  const pids = async (): Promise<number[]> => {
    const file = (await house.dev())!;
    return [file.pids.primary, file.pids.publisher, ...file.edges.map((edge) => edge.pid)];
  };
  await talk(house, "/start", "Welcome to Countroom");
  const keys = readdirSync(`${house.data}/keys`);

  const first = await pids();
  const { code, out, err } = await house.stop("SIGTERM");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("Countroom is ready.");
  expect(await house.dev()).toBeUndefined();
  expect(first.every(gone)).toBe(true);

  await house.start();
  await talk(house, "/start", "Welcome back");
  await talk(house, "/deposit 12", "Cash: 12 FUN");
  const second = await pids();
  await house.stop("SIGKILL");
  await until(() => second.every(gone));

  const stale = await house.dev();
  expect(stale).toBeDefined();
  await house.start();
  await talk(house, "/balance", "Cash: 12 FUN");
  expect((await house.stop("SIGINT")).code).toBe(0);
  expect(readdirSync(`${house.data}/keys`)).toEqual(keys);
}, LONG_MS);

test("dev says that a sealed book is for promote, and goes on in the next epoch", async () => {
  await using house = await DevHouse.open();
  await talk(house, "/start", "Welcome to Countroom");
  await talk(house, "/deposit 12", "Cash: 12 FUN");
  await house.stop();
  // What a restore leaves: a book without an open epoch.
  const ledger = new Database(join(house.data, "primary/ledger.db"), { readwrite: true });
  ledger.run("UPDATE epochs SET last_seq = (SELECT 3) WHERE last_seq IS NULL");
  ledger.close();
  const refused = await countroom("dev", "--data", house.data, "--port-base", `${house.base}`);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("LEDGER_SEALED");
  expect(refused.err).toContain(`promote --data ${house.data} --confirm`);
  expect(await house.dev()).toBeUndefined();
  const unconfirmed = await countroom("promote", "--data", house.data);
  expect(unconfirmed.code).toBe(4);
  expect((await countroom("promote", "--data", house.data, "--confirm")).code).toBe(0);
  await house.start();
  await talk(house, "/balance", "Cash: 12 FUN");
}, LONG_MS);
