/**
 * Rows of players and the operators' accounts, moved by recorded postings. After a disagreement the
 * recorded balance is taken over, so that one wrong record doesn't make every later one of its
 * player look wrong.
 *
 * @module
 */
import type { Balance } from "../wire/gen/countroom/v1/money_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Entry } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { isPlayers, unbalanced } from "./lines.ts";
import type { DerivedState, Player, Row } from "./state.ts";

const I64_MAX = 2n ** 63n - 1n;

/** Takes the recorded postings over; then all rows that moved must be told, and no others. */
export function moveMoney(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, outcome, operator, ref } = entry;
  const wrong = unbalanced(outcome.postings);
  if (wrong.length > 0) {
    findings.add("postings_unbalanced", seq, `the postings sum to ${wrong.join(", ")}, not zero`);
  }
  const player = state.players.get(ref);
  const touched: Row[] = [];
  for (const { account, qualifier, currency, minor } of outcome.postings) {
    if (!isPlayers(account)) {
      const key = houseKey(operator, account, qualifier, currency);
      state.house.set(key, (state.house.get(key) ?? 0n) + minor);
      continue;
    }
    if (player === undefined || player.operator !== operator) {
      findings.add("acceptance_unjustified", seq, `moves money of the unknown player "${ref}"`);
      return;
    }
    const row = state.openRow(player, currency);
    if (!touched.includes(row)) touched.push(row);
    if (account === AccountKind.PLAYER_CASH) row.available += minor;
    else if (account === AccountKind.PLAYER_BONUS) row.bonus += minor;
    else row.held += minor;
  }
  for (const row of touched) settleRow(entry, row, findings);
  if (touched.length > 0 && outcome.balances.length > touched.length) {
    findings.add("balance_wrong", seq, "the record tells balances that it doesn't move");
  }
  compareBalances(state, entry, findings);
}

/** Gives all rows of a player their next version. */
export function touchAll(
  state: DerivedState,
  entry: Entry,
  player: Player,
  findings: Findings,
): void {
  for (const row of player.rows) settleRow(entry, row, findings);
  if (entry.outcome.balances.length !== player.rows.length) {
    findings.add("balance_missing", entry.seq, "the record doesn't tell each row of the player");
  }
  compareBalances(state, entry, findings);
}

const houseKeys = new Map<number, { of: readonly string[]; key: string }>();

/** `operator NUL kind NUL qualifier NUL currency`; that of an account's last line is kept. */
function houseKey(operator: string, account: number, qualifier: string, currency: string): string {
  const kept = houseKeys.get(account);
  if (kept?.of[0] === operator && kept.of[1] === qualifier && kept.of[2] === currency) {
    return kept.key;
  }
  const key = `${operator}\0${account}\0${qualifier}\0${currency}`;
  houseKeys.set(account, { of: [operator, qualifier, currency], key });
  return key;
}

function settleRow(entry: Entry, row: Row, findings: Findings): void {
  const { seq, outcome, ref } = entry;
  row.version += 1;
  row.seq = seq;
  const { available, bonus, held, currency } = row;
  if (available < 0n || bonus < 0n || held < 0n || available + bonus + held > I64_MAX) {
    const detail = `${ref} has ${available}, bonus ${bonus}, held ${held} ${currency}`;
    findings.add("balance_negative", seq, detail);
  }
  for (const balance of outcome.balances) if (balance.currency === currency) return;
  findings.add("balance_missing", seq, `the record doesn't tell the new ${currency} balance`);
}

/** Holds what a record tells of its player's rows against them. */
export function compareBalances(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, outcome, ref } = entry;
  for (const recorded of outcome.balances) {
    const row = state.row(ref, recorded.currency);
    if (row !== undefined && isRow(row, recorded)) continue;
    const { currency, available, bonus, held, version } = recorded;
    const derived =
      row === undefined
        ? "nothing"
        : `${row.available}/${row.bonus}/${row.held} version ${row.version}`;
    const told = `${available}/${bonus}/${held} version ${version}`;
    findings.add("balance_wrong", seq, `${ref} ${currency}: recorded ${told}, derived ${derived}`);
    if (row !== undefined) {
      Object.assign(row, { available, bonus, held, version: Number(version) });
    }
  }
}

function isRow(row: Row, balance: Balance): boolean {
  return (
    row.available === balance.available &&
    row.bonus === balance.bonus &&
    row.held === balance.held &&
    row.version === Number(balance.version)
  );
}
