/**
 * Goal: no key can do what it wasn't given, above all mint money. Method: every development
 * credential against every kind of event, written out as a table.
 */
import { describe, expect, test } from "bun:test";
import { allows, credentialFrom, type CredentialClaims } from "../../src/access/index.ts";
import {
  apiClaims,
  botClaims,
  edgeClaims,
  publisherClaims,
} from "../../src/access/dev-credentials.ts";
import { CODES, type Command, type Payload } from "../../src/ledger/index.ts";

const fun = { minor: 1n, currency: "FUN" };
const usd = { minor: 1n, currency: "USD" };
const dice = { type: "dice", targetX100: 50, over: true } as const;

const payloads = {
  register: { type: "player_registered" },
  "bet FUN": { type: "bet_placed", amount: fun, closesRound: false },
  "bet USD": { type: "bet_placed", amount: usd, closesRound: false },
  "settle FUN": { type: "round_settled", betTxnId: "b", win: fun, closesRound: true },
  "settle USD": { type: "round_settled", betTxnId: "b", win: usd, closesRound: true },
  rollback: { type: "bet_rolled_back", betTxnId: "b" },
  "dice FUN": { type: "house_round", stake: fun, game: dice },
  "dice USD": { type: "house_round", stake: usd, game: dice },
  "deposit FUN": { type: "deposit_captured", amount: fun, rail: "play", externalId: "" },
  "deposit FUN by no rail": { type: "deposit_captured", amount: fun, rail: "", externalId: "" },
  "deposit FUN by card": {
    type: "deposit_captured",
    amount: fun,
    rail: "test-card",
    externalId: "x",
  },
  "deposit USD by card": {
    type: "deposit_captured",
    amount: usd,
    rail: "test-card",
    externalId: "x",
  },
  "deposit USD by play": { type: "deposit_captured", amount: usd, rail: "play", externalId: "x" },
  "deposit USD by no rail": { type: "deposit_captured", amount: usd, rail: "", externalId: "x" },
  "deposit USD by mail": { type: "deposit_captured", amount: usd, rail: "mail", externalId: "x" },
  epoch: {
    type: "epoch_started",
    reign: "0".repeat(32),
    previousEpoch: 1,
    previousSize: 1,
    previousRoot: new Uint8Array(32),
    reason: "restore",
  },
} satisfies Record<string, Payload>;

function command(payload: Payload, more: Partial<Command> = {}): Command {
  return {
    operatorId: "",
    source: "",
    idempotencyKey: "k",
    playerRef: "",
    roundId: "r",
    txnId: "t",
    gameId: "",
    payload,
    ...more,
  };
}

function verdicts(claims: CredentialClaims): Record<string, string> {
  const credential = credentialFrom(claims);
  return Object.fromEntries(
    Object.entries(payloads).map(([name, payload]) => [
      name,
      CODES[allows(credential, command(payload))].name,
    ]),
  );
}

/** Nothing is allowed, for the reason of its scope, unless said otherwise. */
function closed(allowed: Record<string, string>): Record<string, string> {
  const base = Object.fromEntries(Object.keys(payloads).map((name) => [name, "ACCESS_SCOPE"]));
  return { ...base, epoch: "ACCESS_EVENT_TYPE", ...allowed };
}

describe("a development credential", () => {
  test("to read brings nothing", () => {
    expect(verdicts(apiClaims("read"))).toEqual(closed({}));
  });

  test("to play bets in any currency, and mints play money only", () => {
    expect(verdicts(apiClaims("play"))).toEqual(
      closed({
        register: "OK",
        "bet FUN": "OK",
        "bet USD": "OK",
        "settle FUN": "OK",
        "settle USD": "OK",
        rollback: "OK",
        "dice FUN": "OK",
        "dice USD": "OK",
        "deposit FUN": "OK",
        "deposit FUN by no rail": "OK",
        "deposit USD by card": "ACCESS_CURRENCY",
        "deposit USD by play": "ACCESS_CURRENCY",
        "deposit USD by no rail": "ACCESS_CURRENCY",
        "deposit USD by mail": "ACCESS_CURRENCY",
      }),
    );
  });

  test("of the cashier brings deposits by its rails, and can't play", () => {
    expect(verdicts(apiClaims("cashier"))).toEqual(
      closed({
        "deposit FUN": "OK",
        "deposit FUN by no rail": "OK",
        "deposit FUN by card": "OK",
        "deposit USD by card": "OK",
        "deposit USD by play": "OK",
        "deposit USD by no rail": "RAIL_UNKNOWN",
        "deposit USD by mail": "RAIL_UNKNOWN",
      }),
    );
  });

  test("of an admin registers, and brings no money", () => {
    const expected = Object.keys(payloads).map((name) => [name, "ACCESS_EVENT_TYPE"]);
    expect(verdicts(apiClaims("admin"))).toEqual({
      ...Object.fromEntries(expected),
      register: "OK",
    });
  });

  test("of the bot plays with play money", () => {
    expect(verdicts(botClaims())).toEqual(
      closed({
        register: "OK",
        "bet FUN": "ACCESS_EVENT_TYPE",
        "bet USD": "ACCESS_EVENT_TYPE",
        "settle FUN": "ACCESS_EVENT_TYPE",
        "settle USD": "ACCESS_EVENT_TYPE",
        rollback: "ACCESS_EVENT_TYPE",
        "dice FUN": "OK",
        "dice USD": "ACCESS_CURRENCY",
        "deposit FUN": "OK",
        "deposit FUN by no rail": "OK",
        "deposit USD by card": "ACCESS_CURRENCY",
        "deposit USD by play": "ACCESS_CURRENCY",
        "deposit USD by no rail": "ACCESS_CURRENCY",
        "deposit USD by mail": "ACCESS_CURRENCY",
      }),
    );
  });

  test.each([edgeClaims("eu"), publisherClaims()])("of a process brings nothing: %j", (claims) => {
    expect(verdicts(claims)).toEqual(closed({}));
  });
});

describe("operator and source", () => {
  const credential = credentialFrom(apiClaims("play"));
  const bet = payloads["bet FUN"];
  const code = (more: Partial<Command>) => CODES[allows(credential, command(bet, more))].name;

  test("are the credential's, said or not said", () => {
    expect(code({ operatorId: "demo", source: "api-play" })).toBe("OK");
    expect(code({ operatorId: "other" })).toBe("ACCESS_SOURCE_MISMATCH");
    expect(code({ source: "telegram" })).toBe("ACCESS_SOURCE_MISMATCH");
  });

  test("are needed: a credential without them brings nothing", () => {
    for (const missing of ["op", "src"] as const) {
      const claims = { ...apiClaims("play"), [missing]: undefined };
      const code = allows(credentialFrom(claims), command(bet));
      expect(CODES[code].name).toBe("ACCESS_SOURCE_MISMATCH");
    }
  });
});
