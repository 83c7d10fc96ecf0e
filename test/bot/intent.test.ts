/**
 * Goal: whatever a person types becomes the right intent, and no odd amount ever becomes money.
 * Method: tables of texts, and random bets through the command text and back.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addressee, diceCommand, readIntent } from "../../src/bot/intent.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 1) | 0;
const FUN = 1_000_000n;

describe("commands", () => {
  const cases: [string, object][] = [
    ["/start", { kind: "start" }],
    ["/start ref_77", { kind: "start" }],
    ["/start@countroom_dev_bot", { kind: "start" }],
    ["  /START  ", { kind: "start" }],
    ["/balance", { kind: "balance" }],
    ["/balance please", { kind: "balance" }],
    ["/help", { kind: "help" }],
    ["/deposit 100", { kind: "deposit", minor: 100n * FUN }],
    ["/deposit 100 FUN", { kind: "deposit", minor: 100n * FUN }],
    ["/deposit@bot   1", { kind: "deposit", minor: FUN }],
    ["/deposit 1000000", { kind: "deposit", minor: 1_000_000n * FUN }],
    ["/play dice 5 over 50", play(5n, 5000, true)],
    ["/PLAY Dice 5 UNDER 50", play(5n, 5000, false)],
    ["/play dice 5 fun over 50.25", play(5n, 5025, true)],
    ["/play dice 5 over 50.5", play(5n, 5050, true)],
    ["/play dice 5 over 50,5", play(5n, 5050, true)],
    ["/play dice 1 over 99.99", play(1n, 9999, true)],
    ["/play dice 1 under 0.01", play(1n, 1, false)],
    ["/play dice 1 over 1.98", play(1n, 198, true)],
    ["/play dice 1 under 98.02", play(1n, 9802, false)],
  ];
  test.each(cases)("%j", (text, intent) => expect(readIntent(text)).toEqual(intent as never));
});

describe("what isn't an amount, a target or a command has no effect", () => {
  const amounts = [
    "", "0", "00", "-5", "+5", "1.5", "1,5", "1e3", "0x10", "1_000", "1 000", "NaN", "Infinity",
    "1000001", "9223372036854775807", `1${"0".repeat(30)}`, "٥", "１００", "100₽", "½", "1\u00a00",
  ];
  test.each(amounts)("/deposit %j", (amount) =>
    expect(readIntent(`/deposit ${amount}`)).toEqual({ kind: "explain", topic: "deposit" }));
  test.each(amounts.filter((amount) => !/^$|[\s\u00a0]/.test(amount)))("/play dice %j", (amount) =>
    expect(readIntent(`/play dice ${amount} over 50`))
      .toEqual({ kind: "explain", topic: "stake" }));

  const targets = ["100.01", "101", "-1", "50.123", ".5", "50.", "1e1", "٥٠", "fifty"];
  test.each(targets)("target %j", (target) =>
    expect(readIntent(`/play dice 5 over ${target}`))
      .toEqual({ kind: "explain", topic: "target" }));

  const bets: [string, string][] = [
    ["/play", "play"], ["/play dice", "play"], ["/play slots 5", "play"],
    ["/play dice 5 above 50", "play"], ["/play dice 5 over", "play"],
    ["/play dice 5 over 50 twice", "play"],
    ["/play dice 5 over 100", "offer"], ["/play dice 5 under 0.00", "offer"],
    ["/play dice 5 over 1.97", "offer"], ["/play dice 5 under 98.03", "offer"],
  ];
  test.each(bets)("%j", (text, topic) =>
    expect(readIntent(text)).toEqual({ kind: "explain", topic } as never));

  const nonsense = [
    "", " ", "hello", "balance", "/", "/@", "/unknown", "/starting", "//start", "start/",
    "/deposit".repeat(100), "\u0000", "🎲",
  ];
  test.each(nonsense)("%j", (text) => expect(readIntent(text)).toEqual({ kind: "unknown" }));
});

test.each([
  ["/start@Other_Bot", "other_bot"],
  ["  /deposit@other_bot 5", "other_bot"],
  ["/deposit 5", undefined],
  ["/deposit 5 @other_bot", undefined],
  ["/@", undefined],
  ["me@example.org", undefined],
  ["", undefined],
])("%j is addressed to %j", (text, name) => expect(addressee(text)).toBe(name));

test("a bet survives its command text, which fits a button", () => {
  const bets = fc.record({
    stakeMinor: fc.bigInt({ min: 1n, max: 1_000_000n }).map((whole) => whole * FUN),
    targetX100: fc.integer({ min: 198, max: 9_802 }),
    over: fc.boolean(),
  });
  fc.assert(
    fc.property(bets, (bet) => {
      const command = diceCommand(bet);
      expect(new TextEncoder().encode(command).length).toBeLessThanOrEqual(64);
      expect(readIntent(command)).toEqual({ kind: "play", bet });
    }),
    { seed: SEED },
  );
});

test("no text at all throws", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((tail) => `/deposit ${tail}`),
    fc.string().map((tail) => `/play dice ${tail}`),
  );
  fc.assert(fc.property(texts, (text) => void readIntent(text)), { seed: SEED });
});

function play(whole: bigint, targetX100: number, over: boolean): object {
  return { kind: "play", bet: { stakeMinor: whole * FUN, targetX100, over } };
}
