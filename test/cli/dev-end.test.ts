/**
 * Goal: `dev` ends without a trace but its book, and begins again where it was, however it ended.
 * Method: the command itself, stopped by signals of either kind.
 */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { DevHouse } from "./dev-house.ts";
import { gone, until } from "./processes.ts";

const LONG_MS = 60_000;

test("a clean stop, a kill, and the same book each time", async () => {
  await using house = await DevHouse.open();
  const say = async (text: string): Promise<void> => {
    const { telegram } = (await house.dev())!;
    const body = new URLSearchParams({ chat_id: "4242", text });
    await fetch(`${telegram.api}/sim/send`, { method: "POST", body });
  };
  const heard = async (text: string): Promise<boolean> => {
    const { telegram } = (await house.dev())!;
    const response = await fetch(`${telegram.api}/sim/messages?chat_id=4242`);
    return (await response.json() as { text: string }[]).some((one) => one.text.includes(text));
  };
  const pids = async (): Promise<number[]> => {
    const file = (await house.dev())!;
    return [file.pids.primary, file.pids.publisher, ...file.edges.map((edge) => edge.pid)];
  };
  await say("/start");
  await until(() => heard("Welcome to Countroom"));
  const keys = readdirSync(`${house.data}/keys`);

  const first = await pids();
  const { code, out, err } = await house.stop("SIGTERM");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("Countroom is ready.");
  expect(await house.dev()).toBeUndefined();
  expect(first.every(gone)).toBe(true);

  await house.start();
  await say("/start");
  await until(() => heard("Welcome back"));
  await say("/deposit 12");
  await until(() => heard("Cash: 12 FUN"));
  const second = await pids();
  await house.stop("SIGKILL");
  await until(() => second.every(gone));

  const stale = await house.dev();
  expect(stale).toBeDefined();
  await house.start();
  await say("/balance");
  await until(() => heard("Cash: 12 FUN"));
  expect((await house.stop("SIGINT")).code).toBe(0);
  expect(readdirSync(`${house.data}/keys`)).toEqual(keys);
}, LONG_MS);
