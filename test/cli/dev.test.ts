/**
 * Goal: `countroom dev` runs the whole house as the README promises: one balance at two edges from
 * a Telegram update, its file always true, deaths repaired, a clean end, the same book afterwards.
 * Method: the command itself with all its processes, on a folder and ports of its own.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DevFile } from "../../src/cli/dev/dev-file.ts";
import { countroom, DevHouse } from "./dev-house.ts";
import { gone, until } from "./processes.ts";

const LONG_MS = 60_000;
let house: DevHouse;
let dev: DevFile;
beforeAll(async () => {
  house = await DevHouse.open();
  dev = (await house.dev())!;
}, LONG_MS);
afterAll(() => house?.[Symbol.asyncDispose](), LONG_MS);

let lastUpdate = 100_000;
const newUser = (): number => 900_000 + (lastUpdate += 1);

function update(user: number, text: string): object {
  lastUpdate += 1;
  const message = {
    message_id: lastUpdate, date: 1_763_700_000, text,
    from: { id: user, is_bot: false, first_name: "Test" }, chat: { id: user, type: "private" },
  };
  return { update_id: lastUpdate, message };
}

function post(edge: number, body: object, secret = dev.telegram.secret): Promise<Response> {
  return fetch(`${dev.edges[edge]!.url}/telegram/webhook`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret },
    body: JSON.stringify(body),
  });
}

async function texts(user: number): Promise<string[]> {
  const response = await fetch(`${dev.telegram.api}/sim/messages?chat_id=${user}`);
  return (await response.json() as { text: string }[]).map(({ text }) => text);
}

async function refOf(user: number): Promise<string> {
  const { code, out, err } = await countroom(
    "player-ref", "--telegram-id", `${user}`, "--data", house.data,
  );
  expect(err).toBe("");
  expect(code).toBe(0);
  return out.trim();
}

async function available(edge: number, ref: string): Promise<string | undefined> {
  const response = await fetch(`${dev.edges[edge]!.url}/v1/players/${ref}/balance`, {
    headers: { authorization: `Bearer ${dev.api_keys.read}` },
  });
  const body = await response.json() as { balances?: { currency: string; available: string }[] };
  return body.balances?.find(({ currency }) => currency === "FUN")?.available;
}

test("dev.json says where everything is, and only its owner may read it", async () => {
  const at = (offset: number): string => `http://127.0.0.1:${house.base + offset}`;
  const now = (await house.dev())!;
  expect(now).toMatchObject({
    primary: at(0), publisher: at(4), search: at(5), telegram: { api: at(3) },
    edges: [{ region: "eu", url: at(1) }, { region: "asia", url: at(2) }],
  });
  expect(Object.keys(now).toSorted() as string[]).toEqual(
    ["api_keys", "edges", "pids", "primary", "publisher", "replica", "search", "telegram"],
  );
  expect(Object.keys(now.api_keys)).toEqual(["read", "play", "cashier", "admin"]);
  expect(now.replica.sync_url).toStartWith(`${at(4)}/sync/`);
  for (const pid of [...now.edges.map((edge) => edge.pid), ...Object.values(now.pids)]) {
    expect(gone(pid)).toBe(false);
  }
  expect(statSync(join(house.data, "dev.json")).mode & 0o077).toBe(0);
  const info = await fetch(`${now.replica.sync_url}/info`, {
    headers: { authorization: `Bearer ${now.replica.auth_token}` },
  });
  expect(info.status).toBe(200);
});

test("an update at one edge changes the balance at the other, once", async () => {
  const user = newUser();
  expect((await post(0, update(user, "/start"))).status).toBe(200);
  // Registered a moment ago elsewhere: this edge's replica may not know it yet.
  expect((await post(1, update(user, "/balance"))).status).toBe(200);
  expect((await texts(user)).at(-1)).toContain("Cash: 0 FUN");
  const deposit = update(user, "/deposit 100");
  expect((await post(0, deposit, "wrong")).status).toBe(401);
  const answers = await Promise.all([post(0, deposit), post(1, deposit), post(0, deposit)]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  const ref = await refOf(user);
  await until(async () => await available(1, ref) === "100000000");
  expect((await post(1, update(user, "/play dice 5 over 50"))).status).toBe(200);
  await until(async () => await available(0, ref) !== "100000000");
  expect(["95000000", "104900000"]).toContain((await available(0, ref))!);
  await post(1, update(user, "what is this?"));
  const said = await texts(user);
  expect(said[0]).toContain("Welcome to Countroom");
  expect(said.filter((text) => text.includes("Added 100 FUN")).length).toBe(2);
  expect(said.at(-1)).toContain("I didn't understand");
});

test("the past, told by the bot and by both edges", async () => {
  const user = newUser();
  for (const text of ["/start", "/deposit 100", "/deposit 7"]) {
    expect((await post(0, update(user, text))).status).toBe(200);
  }
  // The other edge knows no bookmark of this person's: it tells what search has.
  await until(async () => {
    await post(1, update(user, "/history 1"));
    return (await texts(user)).at(-1)!.includes("Deposit: +7 FUN → 107 FUN");
  });
  expect((await post(0, update(user, "/history"))).status).toBe(200);
  expect((await texts(user)).at(-1)).toMatch(/\+7 FUN.*\n.*\+100 FUN → 100 FUN\n\nAs of/);
  const ref = await refOf(user);
  for (const { url } of dev.edges) {
    const headers = { authorization: `Bearer ${dev.api_keys.read}` };
    const response = await fetch(`${url}/v1/players/${ref}/statement`, { headers });
    const { entries } = await response.json() as { entries: { amount: string }[] };
    expect(entries.map(({ amount }) => amount)).toEqual(["7000000", "100000000"]);
  }
});

test("a person in the stand-in is answered, and presses buttons", async () => {
  const user = newUser();
  const sim = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${dev.telegram.api}/sim/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ chat_id: user, ...body }),
    });
    expect(response.status).toBe(200);
  };
  await sim("send", { text: "/start", edge: "asia" });
  await until(async () => (await texts(user)).length === 1);
  await sim("press", { message_id: 2, data: "/deposit 100" });
  await until(async () => (await texts(user)).some((text) => text.includes("Cash: 100 FUN")));
  await sim("send", { text: "/balance", edge: "eu" });
  await until(async () => (await texts(user)).at(-1)!.includes("Held in rounds: 0 FUN"));
  // Each edge learns of the player with its replica, a moment after the record.
  await until(async () => {
    const page = await fetch(`${dev.telegram.api}/sim/balance?chat_id=${user}`);
    const { edges } = await page.json() as { edges: { state: string; ms: number }[] };
    return edges.length === 2 && edges.every(({ state }) => state === "ok");
  });
});

test("player-ref says what is wrong", async () => {
  const unknown = await countroom("player-ref", "--telegram-id", "1", "--data", house.data);
  expect(unknown).toMatchObject({ code: 1, out: "" });
  expect(unknown.err).toContain("/start");
  const absent = await countroom("player-ref", "--telegram-id", "1", "--data", house.folder);
  expect(absent).toMatchObject({ code: 1, out: "" });
  expect(absent.err).toContain("hint: start it with: bun run dev --data");
  for (const words of [["--telegram-id", "x"], ["--telegram-id", "1", "--nonsense"], []]) {
    expect((await countroom("player-ref", ...words)).code).toBe(2);
  }
});

test("a second start is refused, on the folder and on the ports", async () => {
  const again = await countroom("dev", "--data", house.data, "--port-base", "61000");
  expect(again.code).toBe(1);
  expect(again.err).toContain("DATA_LOCKED");
  expect(again.err).toContain("hint:");
  const other = join(house.folder, "other");
  const ports = await countroom("dev", "--data", other, "--port-base", `${house.base}`);
  expect(ports.code).toBe(1);
  expect(ports.err).toContain(`${house.base} (primary)`);
  expect(await house.dev()).toBeDefined();
});

test("a killed process is back, and dev.json names the new one", async () => {
  const kill = async (pidOf: (file: DevFile) => number): Promise<void> => {
    const before = pidOf((await house.dev())!);
    process.kill(before, "SIGKILL");
    await until(async () => {
      const now = await house.dev();
      return now !== undefined && pidOf(now) !== before && pidOf(now) !== 0;
    }, 20_000);
  };
  const user = newUser();
  await post(0, update(user, "/start"));
  await kill((file) => file.pids.primary);
  expect((await post(0, update(user, "/deposit 7"))).status).toBe(200);
  await kill((file) => file.edges[0]!.pid);
  await kill((file) => file.pids.publisher);
  await kill((file) => file.pids.search);
  const now = (await house.dev())!;
  const info = await fetch(`${now.replica.sync_url}/info`, {
    headers: { authorization: `Bearer ${now.replica.auth_token}` },
  });
  expect(info.status).toBe(200);
  const ref = await refOf(user);
  await until(async () => await available(0, ref) === "7000000", 20_000);
}, LONG_MS);
