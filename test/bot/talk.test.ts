/**
 * Goal: what people read is short, right and helpful, and its buttons work.
 * Method: a person talks to the bot through the Telegram stand-in, which delivers by webhook.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openHouse } from "./house.ts";

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let nextChat = 3_000;
const newChat = (): number => (nextChat += 1);

/** The player's cash in minor units, from the book itself. */
function cash(): bigint {
  const { outcome } = house.book.records.at(-1)!;
  return outcome.balances.find((row) => row.currency === "FUN")!.available;
}

test("the tour: start, balance, deposit, dice, help", async () => {
  const chat = newChat();
  expect((await house.say(chat, "/start")).text).toContain("Welcome to Countroom.");
  expect((await house.say(chat, "/balance")).text).toContain("Cash: 0 FUN");
  const deposit = await house.say(chat, "/deposit 100");
  expect(deposit.text).toContain("Added 100 FUN. Play money");
  expect(deposit.text).toContain("Cash: 100 FUN");
  const back = await house.say(chat, "/start@countroom_bot");
  expect(back.text).toContain("Welcome back");
  expect(back.text).toContain("Cash: 100 FUN");

  const roll = await house.say(chat, "/play dice 5 over 50");
  const { houseRound } = house.book.records.at(-1)!.outcome;
  const won = houseRound!.win > 0n;
  expect(won).toBe(houseRound!.rollX100 > 5000);
  expect(houseRound!.multiplierX100).toBe(198);
  expect(cash()).toBe(won ? 104_900_000n : 95_000_000n);
  expect(roll.text).toContain(won ? "You win 9.90 FUN (5 FUN × 1.98)" : "You lose 5 FUN");
  expect(roll.text).toContain(won ? "Cash: 104.90 FUN" : "Cash: 95 FUN");

  const balance = await house.say(chat, "/balance");
  expect(balance.text).toContain(won ? "Cash: 104.90 FUN" : "Cash: 95 FUN");
  expect(balance.text).toContain("Bonus: 0 FUN");
  expect(balance.text).toContain("Held in rounds: 0 FUN");
  expect(balance.text).toMatch(/As of 13 ms ago, record \d+/);
  expect((await house.say(chat, "/help")).text).toContain("/deposit 100");
});

test("the past: operations newest first, with what was left", async () => {
  const chat = newChat();
  expect((await house.say(chat, "/history")).text).toContain("You have no wallet yet");
  await house.say(chat, "/start");
  expect((await house.say(chat, "/history")).text).toContain("Nothing has happened yet.");
  for (const amount of [1, 20, 300]) await house.say(chat, `/deposit ${amount}`);
  await house.say(chat, "/play dice 5 over 50");
  const { win } = house.book.records.at(-1)!.outcome.houseRound!;
  const all = (await house.say(chat, "/history")).text.split("\n");
  const rolled = win > 0n ? "−5 FUN, +9.90 FUN → 325.90 FUN" : "−5 FUN → 316 FUN";
  expect(all[0]).toBe(`14 Nov 22:13 Dice: ${rolled}`);
  expect(all.slice(1, 4)).toEqual([
    "14 Nov 22:13 Deposit: +300 FUN → 321 FUN",
    "14 Nov 22:13 Deposit: +20 FUN → 21 FUN",
    "14 Nov 22:13 Deposit: +1 FUN → 1 FUN",
  ]);
  expect(all.at(-1)).toMatch(/^As of 13 ms ago, record \d+\.$/);
  const two = await house.say(chat, "/HISTORY 2");
  expect(two.text).not.toContain("+20 FUN");
  expect((await house.press(chat, two, "History")).text).toContain("+1 FUN");
  for (const wrong of ["0", "51", "-1", "2.5", "ten", "5 5", "99999999999999999999"]) {
    expect((await house.say(chat, `/history ${wrong}`)).text).toContain("from 1 to 50");
  }
  for (let more = 0; more < 60; more += 1) await house.say(chat, "/deposit 1000000");
  const long = (await house.say(chat, "/history 50")).text;
  expect(long.split("\n").length).toBe(52);
  expect(long.length).toBeLessThanOrEqual(4_000);
});

test("a past that isn't to be had is no reason to send the update again", async () => {
  const chat = newChat();
  await house.say(chat, "/start");
  await house.say(chat, "/deposit 7");
  house.book.forgetful = "behind";
  expect((await house.say(chat, "/history")).text).toContain("+7 FUN");
  house.book.forgetful = true;
  expect((await house.say(chat, "/history")).text).toContain("can't look into the past just now");
  house.book.forgetful = false;
  expect((await house.say(chat, "/history")).text).toContain("+7 FUN");
});

test("buttons do what they say, and each press counts once", async () => {
  const chat = newChat();
  const start = await house.say(chat, "/start");
  expect((await house.press(chat, start, "Deposit 100")).text).toContain("Cash: 100 FUN");
  expect((await house.press(chat, start, "Deposit 100")).text).toContain("Cash: 200 FUN");
  expect((await house.press(chat, start, "Balance")).text).toContain("Cash: 200 FUN");
  const play = await house.press(chat, start, "Play dice");
  const roll = await house.press(chat, play, "5 under 50");
  expect(roll.text).toContain("you bet on under 50");
  expect((await house.press(chat, roll, "Again: 5 FUN under 50")).text).toContain("🎲");
  const answered = (await house.sent(chat)).filter((one) => one.method === "answerCallbackQuery");
  expect(answered.length).toBe(6);
});

test("without a wallet there is one way on: /start", async () => {
  const chat = newChat();
  for (const text of ["/balance", "/deposit 100", "/play dice 5 over 50"]) {
    const reply = await house.say(chat, text);
    expect(reply.text).toContain("/start");
    expect(reply.text).not.toContain("Added");
  }
  const hint = await house.say(chat, "/balance");
  expect((await house.press(chat, hint, "Open a wallet")).text).toContain("Welcome to Countroom");
});

test("too little money: the balance is named and unchanged", async () => {
  const chat = newChat();
  await house.say(chat, "/start");
  await house.say(chat, "/deposit 3");
  const reply = await house.say(chat, "/play dice 5 over 50");
  expect(reply.text).toContain("That costs 5 FUN, and you have 3 FUN.");
  expect(cash()).toBe(3_000_000n);
});

test("nonsense is answered with help and leaves no record", async () => {
  const chat = newChat();
  await house.say(chat, "/start");
  const before = house.book.records.length;
  const cases: [string, string][] = [
    ["hello", "This is what I can do"], ["/nonsense", "This is what I can do"],
    ["/deposit", "whole number"], ["/deposit 1.5", "whole number"], ["/deposit -5", "whole number"],
    ["/deposit 0", "whole number"], ["/deposit 1e3", "whole number"],
    [`/deposit 1${"0".repeat(30)}`, "whole number"], ["/deposit ١٠٠", "whole number"],
    ["/play", "Say your stake"], ["/play dice 0.5 over 50", "whole number"],
    ["/play dice 5 over 500", "from 0 to 100"], ["/play dice 5 over 100", "isn't on offer"],
    ["/play dice 5 over 100", "Over takes 1.98 to 99.99, under 0.01 to 98.02"],
    ["x".repeat(4096), "This is what I can do"],
  ];
  for (const [text, expected] of cases) {
    expect((await house.say(chat, text)).text).toContain(expected);
  }
  expect(house.book.records.length).toBe(before);
});

describe("when an edge is down", () => {
  test("the next try goes to another one and the person notices nothing", async () => {
    const chat = newChat();
    await house.say(chat, "/start");
    await house.edges[0]!.server.stop(0);
    const reply = await house.next(chat, () =>
      house.sim("send", { chat_id: chat, text: "/deposit 8", edge: "eu" }));
    expect(reply.text).toContain("Cash: 8 FUN");
  });
});
