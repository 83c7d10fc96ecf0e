/**
 * Compares what is derived from a ledger with what its records say.
 *
 * @module
 */
import type { ProjectedBet, ProjectedPlayer, ProjectedRound, Projection } from "./book.ts";
import { extrasFault, objectsOf } from "./compare-objects.ts";
import type { DigestIdentity } from "./digest.ts";
import type { Findings } from "./findings.ts";
import { differences, same, type Thing } from "./objects.ts";
import type { DerivedState } from "./state.ts";

/** Rows of a projection at the seq at which the derived state stands now. */
export function compareProjection(
  state: DerivedState,
  projection: Projection,
  identities: ReadonlySet<string>,
  findings: Findings,
): void {
  compareWallets(state, projection, findings);
  const { name, seq } = projection;
  const missing = new Set(identities);
  for (const identity of projection.identities()) {
    if (missing.delete(identityText(identity))) continue;
    findings.add("projection_row_stray", seq, `${name} has an identity that the ledger hasn't`);
  }
  if (missing.size > 0) {
    const detail = `${name} lacks ${missing.size} identities of the ledger`;
    findings.add("projection_row_missing", seq, detail);
  }
  if (projection.players !== undefined) {
    comparePlayers(state, name, seq, projection.players(), findings);
  }
  if (projection.rounds !== undefined) {
    compareRounds(state, name, seq, projection.rounds(), findings);
  }
  if (projection.objects !== undefined) {
    compareObjects(state, name, seq, projection.objects(), findings);
  }
  if (projection.bets !== undefined) compareBets(state, name, seq, projection.bets(), findings);
  if (projection.house !== undefined) compareHouse(state, name, seq, projection.house(), findings);
}

/** An identity as one text, to look it up. */
export function identityText({ operator, keyId, hash, ref }: DigestIdentity): string {
  return [operator, keyId, Buffer.from(hash).toString("base64"), ref].join("\0");
}

function compareWallets(state: DerivedState, projection: Projection, findings: Findings): void {
  const { name, seq } = projection;
  let seen = 0;
  for (const row of projection.wallets()) {
    const derived = state.row(row.ref, row.currency);
    if (derived === undefined) {
      const detail = `${name} has a ${row.currency} row of ${row.ref} that no record made`;
      findings.add("projection_row_stray", Math.min(row.seq, seq), detail);
      continue;
    }
    seen += 1;
    const same =
      row.operator === state.players.get(row.ref)?.operator &&
      row.status === state.players.get(row.ref)?.status &&
      (row.place === undefined || state.players.get(row.ref)?.rows[row.place] === derived) &&
      row.available === derived.available &&
      row.bonus === derived.bonus &&
      row.held === derived.held &&
      row.version === derived.version &&
      row.seq === derived.seq;
    if (same) continue;
    const told = `${row.available}/${row.bonus}/${row.held} version ${row.version}`;
    const { available, bonus, held, version } = derived;
    const right = `${available}/${bonus}/${held} version ${version}`;
    const detail = `${name}, ${row.ref} ${row.currency}: has ${told}, derived ${right}`;
    findings.add("projection_row_wrong", derived.seq, detail);
  }
  if (seen < state.rowCount) {
    const detail = `${name} lacks ${state.rowCount - seen} of ${state.rowCount} wallet rows`;
    findings.add("projection_row_missing", seq, detail);
  }
}

/** Whoever knew a nonce twice would know a roll before the bet. */
function comparePlayers(
  state: DerivedState,
  name: string,
  seq: number,
  players: Iterable<ProjectedPlayer>,
  findings: Findings,
): void {
  let seen = 0;
  for (const player of players) {
    const { ref, operator, status, clientSeed, seedPair, nonce, extras } = player;
    const derived = state.players.get(ref);
    if (derived === undefined) {
      const detail = `${name} has player ${ref}, whom no record registers`;
      findings.add("projection_row_stray", seq, detail);
      continue;
    }
    seen += 1;
    const last = derived.draw?.seq ?? derived.rows[0]?.seq ?? seq;
    const draws =
      derived.seedPair === seedPair && derived.nonce === nonce && derived.clientSeed === clientSeed;
    const extra = extrasFault(derived, extras);
    if (extra !== undefined) {
      findings.add("projection_row_wrong", seq, `${name}, player ${ref}: ${extra}`);
    }
    if (draws && operator === derived.operator && status === derived.status) continue;
    const told = `status ${status} pair ${seedPair} nonce ${nonce} client seed ${clientSeed}`;
    const next = `pair ${derived.seedPair} nonce ${derived.nonce}`;
    const right = `status ${derived.status} ${next} client seed ${derived.clientSeed}`;
    const detail = `${name}, player ${ref}: has ${told}, derived ${right}`;
    findings.add("projection_row_wrong", last, detail);
  }
  if (seen < state.players.size) {
    const detail = `${name} lacks ${state.players.size - seen} of ${state.players.size} players`;
    findings.add("projection_row_missing", seq, detail);
  }
}

function compareRounds(
  state: DerivedState,
  name: string,
  seq: number,
  rounds: Iterable<ProjectedRound>,
  findings: Findings,
): void {
  let seen = 0;
  for (const { key, ref, closing, openBets } of rounds) {
    const derived = state.rounds.get(key);
    const round = key.split("\0").at(-1);
    if (derived === undefined) {
      findings.add("projection_row_stray", seq, `${name} has round ${round} open, which isn't`);
      continue;
    }
    seen += 1;
    const isSame = derived.ref === ref && derived.closing === closing;
    if (isSame && same([...derived.bets].sort(), [...openBets].sort())) continue;
    const told = `${openBets.length} open bets${closing ? ", closing" : ""}`;
    const right = `${derived.bets.length}${derived.closing ? ", closing" : ""}`;
    const detail = `${name}, round ${round} of ${ref}: has ${told}, derived ${right}`;
    findings.add("projection_row_wrong", seq, detail);
  }
  if (seen < state.rounds.size) {
    const detail = `${name} lacks ${state.rounds.size - seen} of ${state.rounds.size} open rounds`;
    findings.add("projection_row_missing", seq, detail);
  }
}

function compareBets(
  state: DerivedState,
  name: string,
  seq: number,
  bets: Iterable<ProjectedBet>,
  findings: Findings,
): void {
  let seen = 0;
  for (const bet of bets) {
    const derived = state.bets.get(bet.key);
    const txn = bet.key.split("\0").at(-1);
    if (derived === undefined) {
      findings.add("projection_row_stray", seq, `${name} has bet ${txn} open, which isn't`);
      continue;
    }
    seen += 1;
    if (same(derived, bet)) continue;
    findings.add("projection_row_wrong", seq, `${name} has bet ${txn} with other contents`);
  }
  if (seen < state.bets.size) {
    const detail = `${name} lacks ${state.bets.size - seen} of ${state.bets.size} open bets`;
    findings.add("projection_row_missing", seq, detail);
  }
}

function compareHouse(
  state: DerivedState,
  name: string,
  seq: number,
  accounts: Iterable<readonly [key: string, minor: bigint]>,
  findings: Findings,
): void {
  const missing = new Map(state.house);
  for (const [key, minor] of accounts) {
    // A qualifier is a caller's name and may hold the mark that parts the others.
    const parts = key.split("|");
    const [kind, qualifier] = [parts[0], parts.slice(1, -2).join("|")];
    const [currency, operator] = parts.slice(-2);
    const own = `${operator}\0${kind}\0${qualifier}\0${currency}`;
    const derived = missing.get(own) ?? 0n;
    missing.delete(own);
    if (derived === minor) continue;
    findings.add("projection_row_wrong", seq, `${name}, account ${key}: ${minor}, not ${derived}`);
  }
  for (const [key, minor] of missing) {
    if (minor === 0n) continue;
    const detail = `${name} lacks account ${key.replaceAll("\0", " ")} with ${minor}`;
    findings.add("projection_row_missing", seq, detail);
  }
}

function compareObjects(
  state: DerivedState,
  name: string,
  seq: number,
  objects: Iterable<readonly [operator: string, object: Thing]>,
  findings: Findings,
): void {
  const missing = objectsOf(state);
  for (const [operator, { case: kind, value }] of objects) {
    const own = "key" in value ? value.key : "";
    const key = `${operator}\0${kind}\0${own}`;
    const derived = missing.get(key);
    missing.delete(key);
    const which = `${kind} ${own.replaceAll("\0", " ")}`;
    if (derived === undefined) {
      findings.add("projection_row_stray", seq, `${name} has ${which}, which is over or never was`);
    } else if (!same(derived, value)) {
      const how = differences(derived, value);
      findings.add("projection_row_wrong", seq, `${name} has ${which} with ${how}`);
    }
  }
  for (const key of missing.keys()) {
    const detail = `${name} lacks ${key.replaceAll("\0", " ")}`;
    findings.add("projection_row_missing", seq, detail);
  }
}
