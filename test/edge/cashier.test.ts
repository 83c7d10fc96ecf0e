/**
 * Goal: a payment goes in and out through real processes as the rules say, and what is over is
 * found again after a crash.
 * Method: a whole deployment whose edge shows euros with two digits; one player's money from the
 * announcement of a deposit to the reversal of a withdrawal, read from the replica on the way.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Deployment, event } from "./deployment.ts";

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.open({ edgeEnv: { COUNTROOM_CURRENCIES: "FUN:6,EUR:2" } });
});
afterAll(() => site[Symbol.asyncDispose]());

const eur = (minor: number) => ({ minor: String(minor), currency: "EUR" });
const payment = { rail: "test-card", external_id: "pay-1" };

/** Posts one event; answers its receipt's code, or the problem's. */
async function send(key: "play" | "cashier" | "admin", payload: object): Promise<any> {
  const { body } = await site.post({ ...event(), ...payload }, site.key(key));
  return body["receipts"]?.[0] ?? body;
}

async function accepted(key: "play" | "cashier" | "admin", payload: object): Promise<any> {
  const receipt = await send(key, payload);
  expect([receipt.code, receipt.field]).toEqual(["OK", undefined]);
  return receipt;
}

/** The player's euros as the replica shows them, no older than a receipt. */
async function euros(player: string, { bookmark }: { bookmark: string }) {
  const { body } = await site.read(player, bookmark);
  const row = body["balances"].find((one: any) => one.currency === "EUR");
  return [row.available, row.held, row.exponent];
}

test("a deposit, a withdrawal, and what goes wrong with them", async () => {
  const player_ref = await site.player();
  const mine = { player_ref };
  const deposit = (minor: number, partial: boolean) => ({
    ...mine,
    deposit_captured: { ...payment, amount: eur(minor), partial },
  });

  const announced = { ...payment, stage: "DEPOSIT_STAGE_CREATED", amount: eur(1000) };
  await accepted("cashier", { ...mine, deposit_advanced: announced });
  await accepted("cashier", deposit(600, true));
  const last = await accepted("cashier", deposit(400, false));
  expect(last.balances).toMatchObject([{ currency: "EUR", exponent: 2, available: "1000" }]);
  expect((await send("cashier", deposit(400, false))).code).toBe("DEPOSIT_DUPLICATE");
  expect(await euros(player_ref, last)).toEqual(["1000", "0", 2]);

  const asked = { rail: "test-card", amount: eur(700), destination_hash: "d" };
  const request = { ...mine, txn_id: "w-1", withdrawal_requested: asked };
  const held = await accepted("play", request);
  expect(await euros(player_ref, held)).toEqual(["300", "700", 2]);
  expect((await send("play", request)).code).toBe("HOLD_DUPLICATE");

  const withdrawal_id = "w-1";
  expect((await send("play", { withdrawal_submitted: { withdrawal_id } })).code).toBe(
    "ACCESS_SCOPE",
  );
  const stage = "WITHDRAWAL_STAGE_APPROVED";
  await accepted("cashier", {
    withdrawal_advanced: { withdrawal_id, stage, approvers: ["ann", "bob"] },
  });
  const sent = { withdrawal_submitted: { withdrawal_id, amount: eur(500), spend_id: "s-1" } };
  expect(await euros(player_ref, await accepted("cashier", sent))).toEqual(["300", "200", 2]);
  await accepted("cashier", { withdrawal_settled: { withdrawal_id, network_fee_minor: "3" } });
  const released = await accepted("cashier", { withdrawal_released: { withdrawal_id } });
  expect(await euros(player_ref, released)).toEqual(["500", "0", 2]);

  // The hold and the deposit are over and out of memory; a crash doesn't lose them.
  site.primary.kill("SIGKILL");
  await site.primary.exited;
  await site.startPrimary();
  const reversed = { withdrawal_reversed: { withdrawal_id, amount: eur(500) } };
  const back = await accepted("cashier", reversed);
  expect(await euros(player_ref, back)).toEqual(["1000", "0", 2]);
  expect((await send("cashier", reversed)).code).toBe("HOLD_STAGE_INVALID");
  expect((await send("play", request)).code).toBe("HOLD_DUPLICATE");

  const adjustment = { amount: eur(900), debit: true, reason: "test" };
  const one = { ...mine, adjustment_posted: { ...adjustment, approvers: ["ann"] } };
  expect(await send("admin", one)).toMatchObject({
    code: "APPROVAL_MISSING",
    field: "adjustment_posted.approvers",
  });
  const approvers = ["ann", "bob"];
  await accepted("admin", { ...mine, adjustment_posted: { ...adjustment, approvers } });
  const charged = { deposit_charged_back: { ...payment, amount: eur(1000) } };
  const owing = await accepted("cashier", charged);
  expect(await euros(player_ref, owing)).toEqual(["0", "0", 2]);
  // 900 is owed: of a new deposit, 100 remain.
  const next = { ...payment, external_id: "pay-2", amount: eur(1000) };
  const paid = await accepted("cashier", { ...mine, deposit_captured: next });
  expect(await euros(player_ref, paid)).toEqual(["100", "0", 2]);
}, 30_000);

test("a currency that the edge isn't told of is refused there", async () => {
  const player_ref = await site.player();
  const deposit = { ...payment, external_id: "pay-3", amount: { minor: "1", currency: "USD" } };
  // The edge is told of euros alone; the primary takes dollars as well.
  expect(await send("cashier", { player_ref, deposit_captured: deposit })).toMatchObject({
    code: "CURRENCY_UNKNOWN",
    field: "deposit_captured.amount.currency",
  });
});
