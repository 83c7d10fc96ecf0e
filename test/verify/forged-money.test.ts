/**
 * Goal: a record whose postings, balances and objects agree with each other, and are wrong all the
 * same, is found and named.
 * Method: the last record of a real book is changed in all its parts at once, as whoever writes
 * the book could.
 */
import { describe, expect, test } from "bun:test";
import { AccountKind, type Change, type Outcome, type Posting } from "../../src/ledger/index.ts";
import { grant, grantFree, stake } from "../ledger/bonuses.ts";
import { Book } from "../ledger/book.ts";
import { recordBytes } from "../ledger/book-bytes.ts";
import { say } from "../ledger/cashier.ts";
import { resettle, takeWin, voidBet } from "../ledger/corrections.ts";
import { auditBook } from "./any-audit.ts";

const { PLAYER_CASH, PLAYER_BONUS, ASSET_PLAYER_DEBT, EXP_BONUS } = AccountKind;

type Line = readonly [account: number, by: bigint, qualifier?: string];

/** Moves postings, and the balance with them; lines that aren't there are added. */
function shifted(outcome: Outcome, ...lines: readonly Line[]): Outcome {
  const postings: Posting[] = [...outcome.postings];
  const [balance] = outcome.balances;
  const after = { ...balance! };
  for (const [account, by, qualifier = ""] of lines) {
    const at = postings.findIndex((one) => one.account === account && one.qualifier === qualifier);
    if (at >= 0) postings[at] = { ...postings[at]!, minor: postings[at]!.minor + by };
    else
      postings.push({
        ...postings[0]!,
        account: account as Posting["account"],
        qualifier,
        minor: by,
      });
    if (account === PLAYER_CASH) after.available += by;
    if (account === PLAYER_BONUS) after.bonus += by;
  }
  return { ...outcome, postings, balances: [after] };
}

/** Changes the objects of a kind. */
function left<Kind extends Change["object"]>(
  outcome: Outcome,
  kind: Kind,
  how: (one: Extract<Change, { object: Kind }>) => object,
): Outcome {
  const changes = (outcome.changes ?? []).map((one) =>
    one.object === kind ? ({ ...one, ...how(one as never) } as Change) : one,
  );
  return { ...outcome, changes };
}

interface Forgery {
  readonly write: (book: Book, ref: string) => void;
  readonly change: (outcome: Outcome) => Outcome;
  readonly kind: string;
}

const FORGERIES: Readonly<Record<string, Forgery>> = {
  "a stake that spares cash and takes bonus money": {
    write: (book, ref) => {
      grant(book, ref, "g1", 50n);
      stake(book, ref, "b1", 120n);
    },
    change: (outcome) => {
      const moved = shifted(outcome, [PLAYER_CASH, 5n], [PLAYER_BONUS, -5n, "g1"]);
      return left(moved, "bonus", ({ remaining, staked }) => ({
        remaining: remaining - 5n,
        staked: staked + 5n,
      }));
    },
    kind: "postings_wrong",
  },
  "a stake from the bonus that comes later": {
    write: (book, ref) => {
      grant(book, ref, "g1", 50n);
      grant(book, ref, "g2", 50n);
      stake(book, ref, "b1", 110n);
    },
    change: (outcome) => {
      const postings = outcome.postings.map((one) =>
        one.qualifier === "g1" ? { ...one, qualifier: "g2" } : one,
      );
      return left({ ...outcome, postings }, "bonus", () => ({ key: "g2", grantedSeq: 4 }));
    },
    kind: "object_wrong",
  },
  "a win to cash that belongs to the bonus": {
    write: (book, ref) => {
      grant(book, ref, "g1", 50n);
      stake(book, ref, "b1", 20n, 2);
      book.settle("b1", 40n);
    },
    change: (outcome) => {
      const moved = shifted(outcome, [PLAYER_BONUS, -10n, "g1"], [PLAYER_CASH, 10n]);
      return left(moved, "bonus", ({ remaining }) => ({ remaining: remaining - 10n }));
    },
    kind: "postings_wrong",
  },
  "wagering that a free bet's win doesn't ask for": {
    write: (book, ref) => {
      grantFree(book, ref, "g1", 50n, { winWageringX100: 200 });
      stake(book, ref, "b1", 20n, 3);
      book.settle("b1", 40n);
    },
    change: (outcome) => left(outcome, "bonus", () => ({ wageringLeft: 0n })),
    kind: "object_wrong",
  },
  "a conversion beyond its bound": {
    write: (book, ref) => {
      grant(book, ref, "g1", 50n, { max: 20n });
      book.record({ playerRef: ref, payload: { type: "bonus_converted", bonusId: "g1" } });
    },
    change: (outcome) => shifted(outcome, [PLAYER_CASH, 30n], [EXP_BONUS, -30n]),
    kind: "postings_wrong",
  },
  "a chargeback that turns cash into a debt": {
    write: (book, playerRef) => {
      book.record({ playerRef, payload: say.captured("d1", 40n) });
      book.record({ payload: say.payment("deposit_charged_back", "d1", 40n) });
    },
    change: (outcome) => {
      const moved = shifted(outcome, [PLAYER_CASH, 10n], [ASSET_PLAYER_DEBT, -10n]);
      const debt = { object: "debt", ref: outcome.playerRef, currency: "EUR", owed: 10n } as const;
      return { ...moved, changes: [...(outcome.changes ?? []), debt] };
    },
    kind: "postings_wrong",
  },
  "a debt that nothing paid": {
    write: (book, playerRef) => {
      book.record({ playerRef, payload: say.captured("d1", 40n) });
      book.record({ playerRef, txnId: "w1", payload: say.requested(40n) });
      book.record({ payload: say.payment("deposit_charged_back", "d1", 30n) });
      book.record({ playerRef, payload: say.captured("d2", 50n) });
    },
    change: (outcome) => {
      const [clearing, cash] = outcome.postings;
      const [balance] = outcome.balances;
      const balances = [{ ...balance!, available: balance!.available + 30n }];
      const changes = outcome.changes!.filter(({ object }) => object !== "debt");
      return { ...outcome, postings: [clearing!, cash!], balances, changes };
    },
    kind: "postings_wrong",
  },
  "a submission of more than is held": {
    write: (book, playerRef) => {
      book.record({ playerRef, payload: say.captured("d1", 90n) });
      book.record({ playerRef, txnId: "w1", payload: say.requested(40n) });
      book.record({ payload: say.submitted("w1", 30n) });
      book.record({ payload: say.submitted("w1", 10n) });
    },
    change: (outcome) =>
      left(outcome, "hold", ({ inTransit }) => ({ remaining: 0n, inTransit: inTransit + 5n })),
    kind: "object_wrong",
  },
  "a version left out": {
    write: (book, playerRef) => {
      book.record({ playerRef, payload: say.captured("d1", 90n) });
      book.record({ playerRef, txnId: "w1", payload: say.requested(40n) });
      book.record({ payload: say.submitted("w1") });
    },
    change: (outcome) => left(outcome, "hold", ({ version }) => ({ version: version + 1 })),
    kind: "object_wrong",
  },
  "a correction of another record": {
    write: (book, ref) => {
      stake(book, ref, "b1", 9n);
      book.settle("b1", 4n);
      voidBet(book, "b1");
    },
    change: (outcome) => ({ ...outcome, correction: { ...outcome.correction!, of: 2 } }),
    kind: "correction_wrong",
  },
  "a mirror that counts a line more": {
    write: (book, ref) => {
      stake(book, ref, "b1", 9n);
      book.settle("b1", 4n);
      resettle(book, "b1", 7n);
    },
    change: ({ correction, ...outcome }) => ({
      ...outcome,
      correction: { of: correction!.of, mirrored: correction!.mirrored + 1 },
    }),
    kind: "correction_wrong",
  },
  "a correction of the settlement, not of what follows it": {
    write: (book, ref) => {
      stake(book, ref, "b1", 9n);
      book.settle("b1", 4n, { txnId: "t1" });
      resettle(book, "b1", 7n, { txnId: "t2" });
      takeWin(book, "t2");
    },
    change: (outcome) => {
      const correction = { ...outcome.correction!, of: outcome.correction!.of - 1 };
      return { ...outcome, correction };
    },
    kind: "correction_wrong",
  },
  "a limit that is looser than it was asked for": {
    write: (book, playerRef) => {
      const amount = { minor: 50n, currency: "EUR" };
      const set = { type: "limit_set", kind: 1, period: 1, amount, sessionSeconds: 0 } as const;
      book.record({ playerRef, payload: { ...set, remove: false } });
    },
    change: (outcome) =>
      left(outcome, "rules", ({ limits }) => ({ limits: [{ ...limits[0]!, value: 5_000n }] })),
    kind: "object_wrong",
  },
  "an object that the event has nothing to do with": {
    write: (book, ref) => void book.deposit(ref, 5n),
    change: (outcome) => {
      const debt = { object: "debt", ref: outcome.playerRef, currency: "EUR", owed: 0n } as const;
      return { ...outcome, changes: [debt] };
    },
    kind: "object_wrong",
  },
};

describe("a record that agrees with itself and is wrong", () => {
  for (const [what, { write, change, kind }] of Object.entries(FORGERIES)) {
    test(what, () => {
      const book = new Book();
      write(book, book.player(100n));
      book.commit();
      const { length: seq } = book.records;
      // These books begin without an epoch.
      expect(auditBook(book).findings).toMatchObject([{ seq: 1, kind: "epoch_wrong" }]);
      const { outcome, ...record } = book.records.at(-1)!;
      expect(outcome.code).toBe(1);
      const forged = { ...record, outcome: change(outcome) };
      const records = [...book.records.slice(0, -1), forged].map(recordBytes);
      const found = auditBook(book, records, {}).findings.filter((one) => one.seq === seq);
      expect(found.map((one) => one.kind)).toContain(kind as never);
    });
  }
});
