/**
 * Goal: a command for another bot has no effect here and gets no answer; one for this bot works,
 * also where nobody told the bot its name.
 * Method: updates over real HTTP to bots that know their name and to bots that must ask.
 */
import { afterAll, expect, test } from "bun:test";
import { messageUpdate, openHouse, pressUpdate } from "./house.ts";

const told = await openHouse("Countroom_Bot");
const untold = await openHouse("");
afterAll(async () => {
  await told[Symbol.asyncDispose]();
  await untold[Symbol.asyncDispose]();
});

let nextUser = 4_200_000_000;
const newUser = (): number => (nextUser += 1);
const GROUP = { chat: { id: -77, type: "group" } };

for (const [house, name] of [[told, "countroom_bot"], [untold, "countroom_dev_bot"]] as const) {
  test(`another bot's commands are left alone by ${name}`, async () => {
    const user = newUser();
    await house.post(0, messageUpdate(user, "/start"));
    const before = [house.book.records.length, (await house.sent(user)).length];
    const updates = [
      messageUpdate(user, "/deposit@other_bot 5"),
      messageUpdate(user, "/start@other_bot", GROUP),
      messageUpdate(user, `/start@${name}x`),
      pressUpdate(user, "/deposit@other_bot 5"),
    ];
    for (const update of updates) expect((await house.post(0, update)).status).toBe(200);
    const messages = (await house.sent(user)).filter(({ method }) => method === "sendMessage");
    expect([house.book.records.length, messages.length]).toEqual(before);
    expect(await house.sent(-77)).toEqual([]);
  });

  test(`its own commands are carried out by ${name}`, async () => {
    const user = newUser();
    await house.post(0, messageUpdate(user, "/start"));
    const deposit = messageUpdate(user, `/deposit@${name.toUpperCase()} 5`);
    expect((await house.post(0, deposit)).status).toBe(200);
    expect((await house.sent(user)).at(-1)?.text).toContain("Added 5 FUN");
    const group = { chat: { id: -78, type: "group" } };
    await house.post(0, messageUpdate(user, `/start@${name}`, group));
    expect((await house.sent(-78)).at(-1)?.text).toContain("between us");
  });
}

test("a bot that can't ask for its name takes the command later", async () => {
  await using house = await openHouse("");
  const user = newUser();
  await house.post(0, messageUpdate(user, "/start"));
  await house.sim("fault", { method: "getMe", error_code: 502, description: "Bad Gateway" });
  const deposit = messageUpdate(user, "/deposit@countroom_dev_bot 5");
  expect((await house.post(0, deposit)).status).toBe(503);
  expect((await house.post(0, deposit)).status).toBe(200);
  expect((await house.sent(user)).at(-1)?.text).toContain("Added 5 FUN");
});
