/**
 * Applies one record to the derived state, and reports wherever the record and the derivation
 * disagree. After a disagreement the recorded balance is taken over, so that one wrong record
 * doesn't make every later one of its player look wrong.
 *
 * @module
 */
import type { Balance } from "../wire/gen/countroom/v1/money_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT, type Fact, FACT_NAMES } from "./claim-table.ts";
import { diceFault } from "./dice.ts";
import { codeName, type Entry } from "./entry.ts";
import type { FindingKind, Findings } from "./findings.ts";
import { isPlayers, sameEffect, unbalanced } from "./lines.ts";
import { effectOf } from "./rules.ts";
import { type Bet, type DerivedState, type Player, type Row, sourceKey } from "./state.ts";
import { sameBytes } from "./tree.ts";

/** Rules that this verifier knows. Records of later ones are checked for balance only. */
export const RULES_KNOWN = 1;

const I64_MAX = 2n ** 63n - 1n;

/** Applies a record that was accepted with the code OK. */
export function applyAccepted(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, event, outcome } = entry;
  const { payload } = event;
  if (payload.case === "playerRegistered") register(state, entry, findings);
  const known = outcome.logicVersion <= RULES_KNOWN;
  const effect = effectOf(state, entry);
  if (known && effect.fault !== undefined) {
    findings.add(effect.fault.kind, seq, `accepted, but ${effect.fault.why}`);
  }
  if (known && effect.fault === undefined && !sameEffect(effect.lines, outcome.postings)) {
    findings.add("postings_wrong", seq, `the postings aren't those of ${payload.case}`);
  }
  moveMoney(state, entry, findings);
  if (payload.case === "betPlaced") {
    openBet(state, entry, payload.value.amount?.minor ?? 0n, payload.value.amount?.currency ?? "");
    const key = sourceKey(entry.operator, entry.source, event.roundId);
    const openBets = (state.rounds.get(key)?.openBets ?? 0) + 1;
    state.rounds.set(key, { ref: entry.ref, openBets, closing: payload.value.closesRound });
  }
  if (payload.case === "roundSettled") {
    claim(state, entry, FACT.RESOLVED, payload.value.betTxnId, findings);
    resolve(state, entry, effect.resolves, payload.value.closesRound, findings);
  } else if (payload.case === "betRolledBack") {
    claim(state, entry, FACT.TOMBSTONE, payload.value.betTxnId, findings);
    resolve(state, entry, effect.resolves, false, findings);
  } else if (outcome.roundClosed) {
    findings.add("round_close_wrong", seq, `${payload.case} can't close a round`);
  }
  // Under unknown rules too: a nonce that isn't counted would put the blame on the next round.
  if (payload.case === "houseRound") checkHouseRound(state, entry, known, findings);
}

/** Checks a record that must change nothing. */
export function checkWithoutEffect(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, outcome } = entry;
  if (outcome.postings.length > 0 || outcome.roundClosed || outcome.detail.case !== undefined) {
    const detail = `${codeName(outcome.code)} must have no effect, but it posts or settles`;
    findings.add("refusal_has_effect", seq, detail);
    moveMoney(state, entry, findings);
    return;
  }
  compareBalances(state, entry, findings);
}

/** Makes a claim that may be made once. */
export function claim(
  state: DerivedState,
  entry: Entry,
  fact: Fact,
  name: string,
  findings: Findings,
): void {
  const earlier = state.claims.make(fact, entry.operator, entry.source, name, entry.seq);
  if (earlier === undefined) return;
  const detail = `second ${FACT_NAMES[fact]} ${name}; the first is record ${earlier}`;
  findings.add(TWICE[fact], entry.seq, detail);
}

const TWICE: Readonly<Record<Fact, FindingKind>> = {
  [FACT.KEY]: "key_reused",
  [FACT.RESOLVED]: "bet_resolved_twice",
  [FACT.TOMBSTONE]: "bet_resolved_twice",
  [FACT.ROUND_CLOSED]: "round_close_wrong",
};

function register(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, ref, operator } = entry;
  if (ref === "" || state.players.has(ref)) {
    findings.add("player_registered_twice", seq, `player ${ref} is registered already`);
    return;
  }
  const player: Player = { ref, operator, rows: [], seeds: new Map() };
  state.players.set(ref, player);
  // A known player always has a row: that of play money.
  const row = state.openRow(player, "FUN");
  row.version = 1;
  row.seq = seq;
}

/** Takes the recorded postings over into the player's rows and the operator's accounts. */
function moveMoney(state: DerivedState, entry: Entry, findings: Findings): void {
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
  if (!outcome.balances.some((balance) => balance.currency === currency)) {
    findings.add("balance_missing", seq, `the record doesn't tell the new ${currency} balance`);
  }
}

function compareBalances(state: DerivedState, entry: Entry, findings: Findings): void {
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

function openBet(state: DerivedState, entry: Entry, minor: bigint, currency: string): void {
  const { operator, source, event, ref } = entry;
  const key = sourceKey(operator, source, event.txnId);
  const round = sourceKey(operator, source, event.roundId);
  state.bets.set(key, { key, ref, round, minor, currency });
}

/** Takes a bet out of its round, and closes the round when it was to close with its last bet. */
function resolve(
  state: DerivedState,
  entry: Entry,
  bet: Bet | undefined,
  closesRound: boolean,
  findings: Findings,
): void {
  const { seq, outcome, operator, source } = entry;
  if (bet === undefined) return;
  state.bets.delete(bet.key);
  const round = state.rounds.get(bet.round);
  if (round === undefined) return;
  const openBets = round.openBets - 1;
  const closing = round.closing || closesRound;
  const closed = closing && openBets === 0;
  if (outcome.roundClosed && openBets > 0) {
    findings.add("round_holds_escrow", seq, `closes a round with ${openBets} open bets`);
  } else if (outcome.roundClosed !== closed) {
    const detail = closed ? "the round's last bet leaves it open" : "nothing asked it to close";
    findings.add("round_close_wrong", seq, detail);
  }
  if (!closed) {
    state.rounds.set(bet.round, { ref: round.ref, openBets, closing });
    return;
  }
  state.rounds.delete(bet.round);
  const name = bet.round.slice(sourceKey(operator, source, "").length);
  claim(state, entry, FACT.ROUND_CLOSED, name, findings);
}

/** Arithmetic of the round, and a nonce that is the next one of its seeds. */
function checkHouseRound(
  state: DerivedState,
  entry: Entry,
  known: boolean,
  findings: Findings,
): void {
  const { seq, event, outcome, ref } = entry;
  const { payload } = event;
  const { detail } = outcome;
  const player = state.players.get(ref);
  if (payload.case !== "houseRound" || player === undefined) return;
  if (detail.case !== "houseRound") {
    findings.add("game_arithmetic_wrong", seq, "the round has no result");
    return;
  }
  const { stake, game } = payload.value;
  const result = detail.value;
  if (game.case !== "dice") {
    findings.add("game_arithmetic_wrong", seq, "the round has no game");
    return;
  }
  const wrong = diceFault({
    targetX100: game.value.targetX100,
    over: game.value.over,
    stakeMinor: stake?.minor ?? 0n,
    rollX100: result.rollX100,
    multiplierX100: result.multiplierX100,
    winMinor: result.win,
  });
  if (known && wrong !== undefined) {
    findings.add("game_arithmetic_wrong", seq, `dice: ${wrong}`);
  }
  const pair = Number(result.seedPair);
  const epoch = Number(outcome.epoch);
  const { serverSeedHash, clientSeed } = result;
  const seeds = player.seeds.get(pair) ?? { rounds: 0, seq, epoch, serverSeedHash, clientSeed };
  if (Number(result.nonce) !== seeds.rounds) {
    const detailText = `nonce ${result.nonce} of pair ${pair} should be ${seeds.rounds}`;
    findings.add("nonce_reused", seq, detailText);
  }
  // The server seed is derived from the epoch: within one it must stay, in the next it must change.
  if ((seeds.epoch === epoch) !== sameBytes(seeds.serverSeedHash, serverSeedHash)) {
    // Either this round's is wrong, or that of the one before.
    const other = `records ${seeds.seq} and ${seq} disagree on the server seed of pair ${pair}`;
    findings.add("server_seed_changed", seeds.seq, other, seq);
  }
  const rounds = Number(result.nonce) + 1;
  player.seeds.set(pair, { rounds, seq, epoch, serverSeedHash, clientSeed });
}

/** Whether a code accepts an event without an effect. */
export function acceptsWithoutEffect(entry: Entry): boolean {
  const { code } = entry.outcome;
  const { payload } = entry.event;
  if (code === Code.PLAYER_ALREADY_REGISTERED) return payload.case === "playerRegistered";
  const tombstone = code === Code.BET_TOMBSTONED || code === Code.BET_ALREADY_ROLLED_BACK;
  return tombstone && payload.case === "betRolledBack";
}
