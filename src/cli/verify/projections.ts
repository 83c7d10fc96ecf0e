/**
 * The databases that are derived from the ledger, each fixed to the seq at which it stands.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type MutablePlayer, operatorOfObject } from "../../ledger/index.ts";
import type { DigestIdentity, DigestWallet, Projection } from "../../verify/index.ts";
import type { FileFlaw } from "../../store/ledger-db.ts";
import { openStateView, type StateView } from "../../store/state-db.ts";
import type { StateIdentityRow } from "../../store/state-schema.ts";
import { openWalletView, type WalletView } from "../../store/wallet-view.ts";
import type { WalletRow } from "../../store/wallet.ts";
import { projectedBet, projectedExtras, thingOf } from "./projected.ts";

const BATCH_ROWS = 2_000;

/** Open projections. Dispose of them when the audit is over. */
export interface OpenProjections extends Disposable {
  readonly list: readonly Projection[];
  /** Files that aren't there or were never completed, for people. */
  readonly absent: readonly string[];
  /** Files with rows that say nothing of where they stand: being rebuilt, or damaged. */
  readonly headless: readonly string[];
  /** Files that can't be opened, and what is wrong with those that can. */
  flaws(): Iterable<string>;
}

/** What an opened file gives. */
interface OpenedFile {
  readonly projection: Projection | undefined;
  readonly hasRows: boolean;
  flaws(): Iterable<FileFlaw>;
}

/** Opens `state.db`, and `wallet.db` when a publisher keeps one in this folder. */
export function openProjections(dataDir: string): OpenProjections {
  using stack = new DisposableStack();
  const list: Projection[] = [];
  const absent: string[] = [];
  const headless: string[] = [];
  const broken: string[] = [];
  const files: OpenedFile[] = [];
  const add = (name: string, path: string, open: (path: string) => OpenedFile) => {
    if (!existsSync(path)) {
      absent.push(name);
      return;
    }
    try {
      const file = open(path);
      files.push(file);
      if (file.projection !== undefined) list.push(file.projection);
      else if (file.hasRows) headless.push(name);
      else absent.push(name);
    } catch (error) {
      broken.push(`${name} can't be opened: ${String(error)}`);
    }
  };
  add("state.db", join(dataDir, "primary", "state.db"), (path) => {
    const view = stack.use(openStateView(path));
    // Its flaws tell of rows without a head.
    return { projection: stateProjection(view), hasRows: false, flaws: () => view.flaws() };
  });
  add("wallet.db", join(dataDir, "publisher", "wallet.db"), (path) => {
    const view = stack.use(openWalletView(path));
    const [row] = view.wallets();
    const hasRows = row !== undefined;
    return { projection: walletProjection(view), hasRows, flaws: () => view.flaws() };
  });
  const owned = stack.move();
  return {
    list,
    absent,
    headless,
    *flaws() {
      yield* broken;
      for (const file of files) yield* flawsOf(file);
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** A file may be too broken even to look for what is wrong. */
function* flawsOf(file: OpenedFile): Generator<string> {
  try {
    for (const { detail } of file.flaws()) yield detail;
  } catch (error) {
    yield `a projection can't be read: ${String(error)}`;
  }
}

function walletProjection(view: WalletView): Projection | undefined {
  const head = view.head();
  if (head === undefined) return undefined;
  return {
    name: "wallet.db",
    epoch: head.epoch,
    seq: head.seq,
    root: head.root,
    notBefore: head.time,
    *wallets() {
      for (const row of view.wallets()) yield walletOf(row);
    },
    *identities() {
      for (const row of view.identities()) yield identityOf(row);
    },
  };
}

function stateProjection({ reader }: StateView): Projection | undefined {
  reader.hold();
  const head = reader.head();
  if (head === undefined) return undefined;
  return {
    name: "state.db",
    epoch: head.epoch,
    seq: head.seq,
    *wallets() {
      for (const { ref, operatorId: operator, status, accounts } of allPlayers(reader)) {
        for (const [place, account] of accounts.entries()) {
          yield { ...account, ref, operator, status, place };
        }
      }
    },
    *identities() {
      for (let after: StateIdentityRow | undefined; ;) {
        const rows = reader.identities(after, BATCH_ROWS);
        for (const row of rows) yield identityOf(row);
        after = rows.at(-1);
        if (after === undefined) return;
      }
    },
    *players() {
      for (const { operatorId: operator, extras, ...player } of allPlayers(reader)) {
        yield { ...player, operator, extras: projectedExtras(extras) };
      }
    },
    *bets() {
      for (const bet of reader.bets()) yield projectedBet(bet);
    },
    *rounds() {
      for (const { openBets, ...round } of reader.rounds()) {
        // Whatever was written there under a right checksum.
        yield { ...round, openBets: Array.isArray(openBets) ? openBets : [] };
      }
    },
    *objects() {
      for (const [key, object] of reader.objects()) yield [operatorOfObject(key), thingOf(object)];
    },
    house: () => reader.houseAccounts(),
  };
}

function* allPlayers(reader: StateView["reader"]): Generator<MutablePlayer> {
  for (let after = ""; ;) {
    const players = reader.players(after, BATCH_ROWS);
    yield* players;
    const last = players.at(-1);
    if (last === undefined) return;
    after = last.ref;
  }
}

function walletOf(row: WalletRow): DigestWallet {
  const { operatorId: operator, playerRef: ref, ...rest } = row;
  return { ...rest, operator, ref };
}

function identityOf(row: StateIdentityRow): DigestIdentity {
  const { operatorId: operator, keyId, hash, playerRef: ref } = row;
  return { operator, keyId, hash, ref };
}
