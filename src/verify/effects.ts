/**
 * Holds one record against its verdict, and takes it over into the derived state. Wherever they
 * disagree the record is reported, and what it says goes on.
 *
 * @module
 */
import type { HouseRoundResult } from "../wire/gen/countroom/v1/record_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { adoptChanges, adoptLimits, openBet, remember, resolveBet } from "./adopt.ts";
import { Claimer } from "./claims-made.ts";
import { diceFault } from "./dice.ts";
import { codeName, type Entry, verdictOf } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { isBelieved, judge } from "./judge.ts";
import { rulesOf } from "./judge-players.ts";
import { sameLines } from "./lines.ts";
import { differences, same } from "./objects.ts";
import { compareBalances, moveMoney, touchAll } from "./rows.ts";
import { type Bet, type DerivedState, type Player } from "./state.ts";
import { sameBytes } from "./tree.ts";
import { tellsTooLittle } from "./told-balances.ts";
import { resolvedKeys, useUp } from "./using-up.ts";
import type { Effect, Verdict } from "./verdict.ts";

/** Rules that this verifier knows. Records of later ones are checked for balance only. */
export const RULES_KNOWN = 1;

const NO_BETS: readonly Bet[] = Object.freeze([]);

/** Judges a record and applies it. */
export function checkRecord(
  state: DerivedState,
  entry: Entry,
  now: number,
  findings: Findings,
): void {
  const { outcome } = entry;
  state.owners.add(entry.seq, entry.operator);
  const claimer = new Claimer(state, entry, findings);
  const verdict = judge(state, entry, now);
  claimer.key();
  const known = outcome.logicVersion <= RULES_KNOWN;
  if (outcome.logicVersion === 0) {
    findings.add("acceptance_unjustified", entry.seq, "no version of the rules decided it");
  }
  if (outcome.code === Code.OK) {
    if (known) checkAccepted(state, entry, verdict, findings);
    adopt(state, entry, verdict.effect, now, claimer, findings);
    return;
  }
  if (known) checkCode(entry, verdict, findings);
  checkWithoutEffect(state, entry, findings);
  if (verdictOf(outcome.code) === "accepted") claimer.accepted(NO_BETS);
}

function checkAccepted(
  state: DerivedState,
  entry: Entry,
  verdict: Verdict,
  findings: Findings,
): void {
  const { seq, outcome, event, ref } = entry;
  const { effect, code, why } = verdict;
  if (effect === undefined) {
    const isIgnored = code === Code.BET_ROLLED_BACK && event.payload.case === "betPlaced";
    const kind = isIgnored ? "bet_tombstone_ignored" : "acceptance_unjustified";
    const isTwice = code === Code.PLAYER_ALREADY_REGISTERED;
    findings.add(isTwice ? "player_registered_twice" : kind, seq, `accepted, but ${why}`);
    return;
  }
  if (effect.ref !== ref) {
    const detail = `the record is about "${ref}", but it moves what is "${effect.ref}"'s`;
    findings.add("acceptance_unjustified", seq, detail);
  }
  if (!sameLines(effect.lines, outcome.postings)) {
    findings.add("postings_wrong", seq, `the postings aren't those of ${event.payload.case}`);
  }
  checkChanges(entry, effect, findings);
  checkClose(state, entry, effect, findings);
  const { tells = "" } = effect;
  if (outcome.balances.length === 0 && state.row(ref, tells) !== undefined) {
    findings.add("balance_missing", seq, `the record doesn't tell the ${tells} balance`);
  }
  const { of = 0, mirrored = 0 } = effect.corrects ?? {};
  if (Number(outcome.correctionOf) !== of || outcome.mirroredPostings !== mirrored) {
    const told = `mirrors ${outcome.mirroredPostings} postings of ${outcome.correctionOf}`;
    findings.add("correction_wrong", seq, `it ${told}, not ${mirrored} of ${of}`);
  }
  if (outcome.detail.case !== undefined && event.payload.case !== "houseRound") {
    findings.add("game_arithmetic_wrong", seq, `${event.payload.case} has a result of a game`);
  }
}

function checkChanges({ seq, outcome }: Entry, effect: Effect, findings: Findings): void {
  const { changes: expected = [] } = effect;
  const { changes } = outcome;
  if (expected.length === 0 && changes.length === 0) return;
  for (const [at, { case: kind, value }] of expected.entries()) {
    const told = changes[at]?.object;
    const name = "key" in value ? value.key.replaceAll("\0", " ") : value.playerRef;
    if (told?.case !== kind) {
      findings.add("object_wrong", seq, `the record doesn't tell its ${kind} ${name}`);
    } else if (!same(value, told.value)) {
      const how = differences(value, told.value);
      findings.add("object_wrong", seq, `it leaves its ${kind} ${name} with ${how}`);
    }
  }
  if (changes.length > expected.length) {
    const kind = changes[expected.length]?.object.case;
    findings.add("object_wrong", seq, `it changes a ${kind} that it has nothing to do with`);
  }
}

/** A round closes when that is asked for, with its last open bet. */
function checkClose(
  state: DerivedState,
  entry: Entry,
  { closes = false }: Effect,
  findings: Findings,
): void {
  const { seq, outcome } = entry;
  if (outcome.roundClosed === closes) return;
  const [key = ""] = resolvedKeys(state, entry);
  const open = state.rounds.get(state.bets.get(key)?.round ?? "")?.bets.length ?? 0;
  if (outcome.roundClosed && open > 1) {
    findings.add("round_holds_escrow", seq, `closes a round with ${open - 1} open bets`);
    return;
  }
  const detail = closes ? "the round's last bet leaves it open" : "nothing asked it to close";
  findings.add("round_close_wrong", seq, detail);
}

/** A code that isn't OK must be the one that the rules come to. */
function checkCode(entry: Entry, verdict: Verdict, findings: Findings): void {
  const { seq, event, outcome } = entry;
  const { code } = outcome;
  const { case: name } = event.payload;
  const told = verdictOf(code);
  if (told === undefined || name === undefined) {
    const detail = `${codeName(code)} is no outcome of ${name}`;
    findings.add("acceptance_unjustified", seq, detail);
    return;
  }
  if (verdict.code === code || isBelieved(code, name)) return;
  const why = verdict.code === Code.OK ? "nothing stands against it" : verdict.why;
  const isRefused = told === "refused";
  const kind = isRefused ? "refusal_unjustified" : "acceptance_unjustified";
  const what = isRefused ? "refused" : "accepted";
  findings.add(kind, seq, `${what} as ${codeName(code)}, but ${why}`);
}

/** Checks a record that must change nothing. */
function checkWithoutEffect(state: DerivedState, entry: Entry, findings: Findings): void {
  const { seq, outcome } = entry;
  const hasEffect =
    outcome.postings.length > 0 ||
    outcome.changes.length > 0 ||
    outcome.roundClosed ||
    outcome.correctionOf > 0n ||
    outcome.mirroredPostings > 0 ||
    outcome.detail.case !== undefined;
  if (hasEffect) {
    const detail = `${codeName(outcome.code)} must have no effect, but it posts or changes`;
    findings.add("refusal_has_effect", seq, detail);
    moveMoney(state, entry, findings);
    return;
  }
  if (tellsTooLittle(state, entry)) {
    findings.add("balance_missing", seq, "the record doesn't tell the player's balances");
  }
  compareBalances(state, entry, findings);
}

/** Takes an accepted record over. */
function adopt(
  state: DerivedState,
  entry: Entry,
  effect: Effect | undefined,
  now: number,
  claimer: Claimer,
  findings: Findings,
): void {
  const { event, outcome, ref, operator } = entry;
  const { payload } = event;
  if (payload.case === "playerRegistered") {
    if (ref !== "" && !state.players.has(ref)) {
      // A known player always has a row: that of play money.
      const player = state.addPlayer(ref, operator);
      state.openRow(player, "FUN");
      touchAll(state, entry, player, findings);
    }
    claimer.accepted(NO_BETS);
    return;
  }
  const player = state.players.get(ref);
  if (player !== undefined) useUp(state, entry, player, now);
  const resolved = openOnes(state, entry);
  if (payload.case === "playerStatusChanged" && player !== undefined) {
    player.status = payload.value.status;
    touchAll(state, entry, player, findings);
  } else moveMoney(state, entry, findings);
  claimer.accepted(resolved);
  if (outcome.changes.length > 0) adoptChanges(state, entry, player);
  if (payload.case === "betPlaced") openBet(state, entry, effect);
  const closes = payload.case === "roundSettled" && payload.value.closesRound;
  for (const bet of resolved) resolveBet(state, bet, closes);
  if (player === undefined) return;
  if (resolved.length > 0 && (payload.case === "betVoided" || payload.case === "roundVoided")) {
    state.voids.add(entry.seq);
  }
  remember(state, entry, player, resolved, effect);
  if (payload.case === "limitSet") adoptLimits(player, rulesOf(player));
  if (payload.case === "seedsRotated") rotate(player, payload.value.clientSeed);
  // Under unknown rules too: a nonce that isn't counted would put the blame on the next round.
  if (payload.case === "houseRound") {
    checkHouseRound(player, entry, outcome.logicVersion <= RULES_KNOWN, findings);
  }
}

/** Open bets that a record resolves; a resettlement of an open bet resolves none. */
function openOnes(state: DerivedState, entry: Entry): readonly Bet[] {
  if (entry.event.payload.case === "betResettled") return NO_BETS;
  const keys = resolvedKeys(state, entry);
  if (keys.length === 0) return NO_BETS;
  return keys.flatMap((key) => state.bets.get(key) ?? []);
}

/** The next pair of seeds, from nonce 0. */
function rotate(player: Player, clientSeed: string): void {
  player.seedPair += 1;
  player.nonce = 0;
  if (clientSeed !== "") player.clientSeed = clientSeed;
}

/** Arithmetic of the round, and the next draw of its player's seeds. */
function checkHouseRound(player: Player, entry: Entry, known: boolean, findings: Findings): void {
  const { seq, event, outcome } = entry;
  const { payload } = event;
  const { detail } = outcome;
  if (payload.case !== "houseRound" || detail.case !== "houseRound") {
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
  checkDraw(player, entry, result, findings);
}

function checkDraw(
  player: Player,
  { seq, outcome }: Entry,
  result: HouseRoundResult,
  findings: Findings,
): void {
  const pair = Number(result.seedPair);
  const nonce = Number(result.nonce);
  const epoch = Number(outcome.epoch);
  const { serverSeedHash, clientSeed } = result;
  if (pair !== player.seedPair || nonce !== player.nonce) {
    const right = `nonce ${player.nonce} of pair ${player.seedPair}`;
    findings.add("nonce_reused", seq, `nonce ${nonce} of pair ${pair} should be ${right}`);
  }
  if (clientSeed !== player.clientSeed) {
    const detail = `drawn from client seed ${clientSeed}, not ${player.clientSeed}`;
    findings.add("client_seed_wrong", seq, detail);
  }
  const { draw } = player;
  // The server seed is derived from epoch and pair: with them it stays, without it must change.
  const stays = draw?.epoch === epoch && draw.pair === pair;
  if (draw !== undefined && stays !== sameBytes(draw.serverSeedHash, serverSeedHash)) {
    // Either this round's is wrong, or that of the one before.
    const other = `records ${draw.seq} and ${seq} disagree on the server seed of pair ${pair}`;
    findings.add("server_seed_changed", draw.seq, other, seq);
  }
  player.seedPair = pair;
  player.nonce = nonce + 1;
  player.clientSeed = clientSeed;
  player.draw = { pair, seq, epoch, serverSeedHash };
}
