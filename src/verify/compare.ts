/**
 * Compares what is kept beside the records with what the records say.
 *
 * @module
 */
import type {
  ProjectedBet,
  ProjectedPlayer,
  ProjectedRound,
  Projection,
  StoredClaim,
  StoredEpoch,
} from "./book.ts";
import { FACT_NAMES } from "./claim-table.ts";
import type { DigestIdentity } from "./digest.ts";
import type { Findings } from "./findings.ts";
import type { EpochStart } from "./replay.ts";
import { type DerivedState, nextDraw } from "./state.ts";
import { sameBytes } from "./tree.ts";

/** Standing of every player: no event changes it yet. */
export const ACTIVE = 1;

const CLAIM_BYTES = 16;

/** Every claim of the ledger is one that a record made, and the other way round. */
export function compareClaims(
  state: DerivedState,
  size: number,
  claims: Iterable<StoredClaim>,
  findings: Findings,
): void {
  for (const { hash, seq } of claims) {
    if (seq > size) continue;
    const derived = hash.length === CLAIM_BYTES ? state.claims.mark(hash) : undefined;
    if (derived === seq) continue;
    const name = Buffer.from(hash).toString("hex");
    if (derived === undefined) {
      findings.add("claim_stray", seq, `claim ${name} is made by no record`);
    } else {
      const detail = `claim ${name} is said to be of record ${seq}, but ${derived} made it`;
      findings.add("claim_wrong", Math.min(derived, seq), detail);
    }
  }
  for (const { fact, seq } of state.claims.unmarked()) {
    findings.add("claim_missing", seq, `the ${FACT_NAMES[fact]} by record ${seq} isn't claimed`);
  }
}

/** Rows of epochs are what the epochs' first records say. */
export function compareEpochs(
  derived: readonly EpochStart[],
  size: number,
  stored: readonly StoredEpoch[],
  findings: Findings,
): void {
  const rows = new Map(stored.map((row) => [row.epoch, row]));
  for (const [index, start] of derived.entries()) {
    const row = rows.get(start.epoch);
    rows.delete(start.epoch);
    const lastSeq = derived[index + 1]?.previousSize;
    // The last one is open, or closed at the end of the book.
    const ends = lastSeq ?? (row?.lastSeq === null ? null : size);
    const same =
      row !== undefined &&
      row.reign === start.reign &&
      row.firstSeq === start.firstSeq &&
      row.previousEpoch === start.previousEpoch &&
      row.previousSize === start.previousSize &&
      row.reason === start.reason &&
      sameBytes(row.previousRoot, start.previousRoot) &&
      row.lastSeq === ends;
    if (!same) {
      const detail = `the row of epoch ${start.epoch} isn't what its first record says`;
      findings.add("epoch_row_wrong", start.firstSeq, detail);
    }
  }
  for (const row of rows.values()) {
    if (row.firstSeq > size) continue;
    const detail = `epoch ${row.epoch} has a row, but no first record`;
    findings.add("epoch_row_wrong", row.firstSeq, detail);
  }
}

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
      row.status === ACTIVE &&
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
  for (const { ref, operator, status, clientSeed, seedPair, nonce } of players) {
    const derived = state.players.get(ref);
    if (derived === undefined) {
      const detail = `${name} has player ${ref}, whom no record registers`;
      findings.add("projection_row_stray", seq, detail);
      continue;
    }
    seen += 1;
    const next = nextDraw(derived);
    const last = derived.seeds.get(next.pair)?.seq ?? derived.rows[0]?.seq ?? seq;
    const draws = next.pair === seedPair && next.nonce === nonce && next.clientSeed === clientSeed;
    if (draws && operator === derived.operator && status === ACTIVE) continue;
    const told = `pair ${seedPair} nonce ${nonce} client seed ${clientSeed}`;
    const right = `pair ${next.pair} nonce ${next.nonce} client seed ${next.clientSeed}`;
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
    if (derived.ref === ref && derived.closing === closing && derived.openBets === openBets) {
      continue;
    }
    const told = `${openBets} open bets${closing ? ", closing" : ""}`;
    const right = `${derived.openBets}${derived.closing ? ", closing" : ""}`;
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
    const { ref, round, minor, currency } = bet;
    const txn = bet.key.split("\0").at(-1);
    if (derived === undefined) {
      findings.add("projection_row_stray", seq, `${name} has bet ${txn} open, which isn't`);
      continue;
    }
    seen += 1;
    const same =
      derived.ref === ref &&
      derived.round === round &&
      derived.minor === minor &&
      derived.currency === currency;
    if (same) continue;
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
    const [kind, qualifier, currency, operator] = key.split("|");
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
