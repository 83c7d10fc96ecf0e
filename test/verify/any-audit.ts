/** Books of tests in memory, audited: with their claims and their state as a projection. */
import { operatorOfObject } from "../../src/ledger/index.ts";
import { projectedBet, projectedExtras, thingOf } from "../../src/cli/verify/projected.ts";
import { Audit, type AuditReport, type Projection } from "../../src/verify/index.ts";
import type { Book } from "../ledger/book.ts";
import { recordBytes, type RecordBytes } from "../ledger/book-bytes.ts";

/** Audits records, those of the book unless others are given, with everything else as it is. */
export function auditBook(
  book: Book,
  records: readonly RecordBytes[] = book.records.map(recordBytes),
  beside: { readonly claims?: boolean; readonly state?: boolean } = { claims: true, state: true },
): AuditReport {
  const claims = () =>
    [...book.claims].map(([hash, seq]) => ({ hash: Buffer.from(hash, "hex"), seq }));
  const audit = new Audit(
    {
      records: (from, to) => records.filter(({ seq }) => seq >= from && seq <= to),
      ...(beside.claims === true ? { claims } : {}),
    },
    { projections: beside.state === true ? [projectionOf(book)] : [] },
  );
  audit.advance(records.length);
  return audit.finish();
}

/** The committed state of a book, as `state.db` would hold it. */
export function projectionOf({ state }: Book): Projection {
  const { seq, epoch } = state.head();
  return {
    name: "the state",
    seq,
    epoch,
    *wallets() {
      for (const { ref, operatorId: operator, status, accounts } of state.players()) {
        for (const [place, account] of accounts.entries()) {
          yield { ...account, ref, operator, status, place };
        }
      }
    },
    identities: () => [],
    *players() {
      for (const { operatorId: operator, extras, ...player } of state.players()) {
        yield { ...player, operator, extras: projectedExtras(extras) };
      }
    },
    *bets() {
      for (const bet of state.openBets()) yield projectedBet(bet);
    },
    rounds: () => state.openRounds(),
    *objects() {
      for (const [key, object] of state.objects()) yield [operatorOfObject(key), thingOf(object)];
    },
    house: () => state.houseAccounts(),
  };
}
