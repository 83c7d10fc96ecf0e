/** A random run: a book and its model side by side, every reply compared, then the whole state. */
import { expect } from "bun:test";
import {
  AccountKind,
  BonusStage,
  Code,
  type DepositStage,
  houseKey,
  type LedgerState,
  type PayloadType,
  StateDigest,
  walletRowsOf,
} from "../../src/ledger/index.ts";
import { type Answer, Book, digestOf, everything, hex } from "./book.ts";
import { Caller, type Sent } from "./model-caller.ts";
import { pairsOf } from "./model-states.ts";
import { again, commandLike, opening, randomCommand } from "./model-steps.ts";
import { STORIES } from "./model-stories-players.ts";
import type { Story } from "./model-stories.ts";
import { type Expected, Model, rowText, spelled } from "./model.ts";
import { id, MAX } from "./model-world.ts";

/** How often each pair of type and code, and of type and state, was met. */
export class Coverage {
  readonly codes = new Map<string, number>();
  readonly states = new Map<string, number>();
  commands = 0;

  meet(map: Map<string, number>, place: string): void {
    map.set(place, (map.get(place) ?? 0) + 1);
  }
}

/** What a reply says, in the model's words. */
function told({ code, field, replayed, outcome }: Answer): Expected {
  if (outcome === undefined) return { code, field };
  const { playerRef, roundClosed, houseRound, postings, changes, correction } = outcome;
  const sums = new Map<string, bigint>();
  for (const { account, qualifier, currency, minor } of postings) {
    const kind = Object.entries(AccountKind).find(([, number]) => number === account)![0];
    const key = `${kind}(${qualifier}) ${currency}`;
    sums.set(key, (sums.get(key) ?? 0n) + minor);
  }
  const answer = {
    code,
    playerRef,
    roundClosed,
    balances: outcome.balances.map(rowText).toSorted(),
    lines: [...sums].map(([key, minor]) => `${key} ${minor}`).toSorted(),
    changes: (changes ?? []).map(spelled).toSorted(),
    correctionOf: correction?.of,
    ...(houseRound !== undefined && { roll: houseRound.rollX100, win: houseRound.win }),
  };
  return replayed ? { ...answer, replayed } : answer;
}

export class Run {
  readonly book = new Book();
  readonly model = new Model();
  readonly caller: Caller;
  readonly #coverage: Coverage;
  readonly #sent: Sent[] = [];
  readonly #digest = new StateDigest();

  constructor(seed: number, coverage: Coverage) {
    this.#coverage = coverage;
    this.caller = new Caller(this.model, seed);
    const { chance } = this.caller;
    this.model.ceiling = chance.pick([MAX, MAX, MAX, 1_000_000n, 60n]);
    this.book.ceiling = this.model.ceiling;
  }

  /** One command to both. */
  send(sent: Sent): void {
    const { command, identity } = sent;
    this.#sent.push(sent);
    this.book.laterUs = this.model.laterUs;
    const states = (ref: string): string[] => pairsOf(this.model, command, ref);
    const named = states(command.playerRef);
    const answer = this.book.send(command, identity);
    const owner = answer.outcome?.playerRef ?? "";
    const met = command.playerRef === "" ? states(owner) : named;
    const expected = this.model.send(command, identity);
    const [says, should] = [told(answer), inOneOrder(expected)];
    // Far quicker than to compare them part by part.
    if (spelled(says) !== spelled(should)) expect(says).toEqual(should);
    if (answer.replayed) return;
    this.#coverage.commands += 1;
    const { type } = command.payload;
    this.#coverage.meet(this.#coverage.codes, `${type} ${answer.code}`);
    for (const pair of met) this.#coverage.meet(this.#coverage.states, pair);
  }

  /** Makes one step from its seed, mostly of a type if one is wanted. */
  step(seed: number, place: number, wanted?: PayloadType): void {
    const caller = new Caller(this.model, seed);
    caller.n = 1_000 + place * 1_000;
    if (wanted !== undefined) caller.strangers = 12;
    const { chance } = caller;
    const roll = chance.upTo(100);
    if (roll < 5) this.commit();
    else if (roll < 12) this.model.laterUs += caller.wait();
    else if (roll < 16) this.send(again(caller, this.#sent));
    else if (roll < (wanted === undefined ? 21 : 40))
      this.tell(chance.pick(STORIES)(caller), caller);
    else {
      const isWanted = wanted !== undefined && chance.in(60);
      this.send(isWanted ? commandLike(caller, wanted) : randomCommand(caller));
    }
  }

  tell(story: Story, caller: Caller): void {
    for (const part of story) {
      const sent = part(caller);
      if (sent !== undefined) this.send(sent);
    }
  }

  open(): void {
    for (const sent of opening(this.caller)) this.send(sent);
  }

  commit(): void {
    for (const { before, after } of this.book.draft.changedPlayers()) {
      if (before !== undefined) for (const row of walletRowsOf(before)) this.#digest.remove(row);
      for (const row of walletRowsOf(after)) this.#digest.add(row);
    }
    this.book.commit();
  }

  /** State, digest and replay, after everything. */
  end(): void {
    this.commit();
    const { book, model } = this;
    for (const row of book.state.identityRows()) this.#digest.add(row);
    expect(hex(this.#digest.digest())).toBe(digestOf(book.state));
    expect(everything(book.replay())).toEqual(everything(book.state));
    expect(stateTexts(book.state)).toEqual(modelTexts(model));
    expect(model.records.length).toBe(book.records.length);
    expect([...totals(book.state)].filter(([, sum]) => sum !== 0n)).toEqual([]);
  }

  /** What was sent, for whoever must find out why. */
  transcript(): string {
    return this.#sent
      .slice(-40)
      .map((sent) => spelled(sent))
      .join("\n");
  }
}

function inOneOrder(expected: Expected): Expected {
  const { balances } = expected;
  return balances === undefined ? expected : { ...expected, balances: balances.toSorted() };
}

/** All that players and operators have, by currency: nothing is made, nothing lost. */
function totals(state: LedgerState): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (place: string, minor: bigint) => sums.set(place, (sums.get(place) ?? 0n) + minor);
  for (const { operatorId, currency, available, bonus, held } of state.walletRows()) {
    add(`${currency} ${operatorId}`, available + bonus + held);
  }
  for (const [key, sum] of state.houseAccounts()) {
    // Qualifiers may hold whatever separates; operator and currency come last.
    const [currency, ...operator] = key.split("|").slice(key.endsWith("|o|2") ? -3 : -2);
    add(`${currency} ${operator.join("|")}`, sum);
  }
  return sums;
}

type Texts = Record<string, string[]>;

/** Everything that the book knows. */
function stateTexts(state: LedgerState): Texts {
  const players = [...state.players()];
  return {
    rows: players
      .flatMap(({ ref, accounts }) => {
        return accounts.map((account) => `${ref} ${rowText(account)}`);
      })
      .toSorted(),
    people: players
      .map(({ ref, status, clientSeed, seedPair, nonce }) => {
        return `${ref} ${status} ${clientSeed} ${seedPair} ${nonce}`;
      })
      .toSorted(),
    bonuses: players.flatMap(({ extras }) => (extras?.bonuses ?? []).map(spelled)).toSorted(),
    debts: players
      .flatMap(({ ref, extras }) => {
        return (extras?.debts ?? []).map(({ currency, owed }) => `${ref} ${currency} ${owed}`);
      })
      .toSorted(),
    objects: [...state.objects()].map(([, object]) => spelled(object)).toSorted(),
    bets: [...state.openBets()]
      .map(({ key, ref, amount, currency, funding, parts = [] }) => {
        return spelled({
          key: id(...key.split("\0")),
          ref,
          currency,
          stake: { amount, funding, parts },
        });
      })
      .toSorted(),
    rounds: [...state.openRounds()]
      .map(({ key, ref, closing }) => {
        return `${id(...key.split("\0"))} ${ref} ${closing}`;
      })
      .toSorted(),
    house: [...state.houseAccounts()]
      .filter(([, sum]) => sum !== 0n)
      .map(([key, sum]) => `${key} ${sum}`)
      .toSorted(),
  };
}

/** The same as the model knows it. */
function modelTexts(model: Model): Texts {
  const { ACTIVE } = BonusStage;
  const OPEN: readonly number[] = [1, 2, 3, 4] satisfies DepositStage[];
  const objects = [
    ...[...model.holds.values()].filter(({ remaining, inTransit }) => remaining + inTransit > 0n),
    ...[...model.deposits.values()].filter(({ suspended, stage }) => {
      return suspended > 0n || OPEN.includes(stage);
    }),
    ...[...model.velocity.values()].filter(({ windowSeconds }) => windowSeconds > 0),
  ];
  const open = [...model.plays].filter(([, { state }]) => state === "open");
  return {
    rows: [...model.rows]
      .map(([key, row]) => {
        return `${(JSON.parse(key) as string[])[0]} ${rowText(row)}`;
      })
      .toSorted(),
    people: [...model.players]
      .map(([ref, { status, clientSeed, seedPair, nonce }]) => {
        return `${ref} ${status} ${clientSeed} ${seedPair} ${nonce}`;
      })
      .toSorted(),
    bonuses: [...model.bonuses.values()]
      .filter(({ stage }) => stage === ACTIVE)
      .map(spelled)
      .toSorted(),
    debts: [...model.debts]
      .filter(([, owed]) => owed > 0n)
      .map(([key, owed]) => {
        return `${(JSON.parse(key) as string[]).join(" ")} ${owed}`;
      })
      .toSorted(),
    objects: objects.map(spelled).toSorted(),
    bets: open
      .map(([key, { ref, currency, stake }]) => {
        const [, ...names] = JSON.parse(key) as string[];
        return spelled({ key: id(...names), ref, currency, stake });
      })
      .toSorted(),
    rounds: [...model.rounds]
      .map(([key, { ref, closing }]) => `${key} ${ref} ${closing}`)
      .toSorted(),
    house: [...model.house]
      .filter(([, sum]) => sum !== 0n)
      .map(([key, sum]) => {
        const [operator, kind, qualifier, currency] = JSON.parse(key) as string[];
        const number = AccountKind[kind as keyof typeof AccountKind];
        return `${houseKey(number, qualifier!, currency!, operator!)} ${sum}`;
      })
      .toSorted(),
  };
}

/** The name of a code. */
export function codeName(code: number): string {
  return Object.entries(Code).find(([, number]) => number === code)![0];
}
