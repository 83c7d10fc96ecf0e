import type { Credential } from "../access/index.ts";
import type { Context, Facts, IdentityKey } from "../ledger/index.ts";
import { DEFAULT_CURRENCIES, type Currencies } from "../money/index.ts";
import type { ServerSeed } from "./server-seed.ts";

const NO_RAILS: ReadonlySet<string> = new Set();

/** What the rules take from outside; one object is turned from event to event. */
export class DecisionContext implements Context {
  readonly epoch: number;
  readonly facts: Facts;
  readonly serverSeed: ServerSeed;
  readonly mintPlayerRef: () => string;
  readonly currencies: Currencies;
  seq = 0;
  recordedAt = 0;
  keyHash: Uint8Array | undefined;
  identity: IdentityKey | undefined;
  rails: ReadonlySet<string> = NO_RAILS;
  #credential: Credential | undefined;

  constructor(
    deps: {
      readonly epoch: number;
      readonly serverSeed: ServerSeed;
      readonly mintPlayerRef: () => string;
      readonly currencies?: Currencies | undefined;
    },
    facts: Facts,
  ) {
    this.epoch = deps.epoch;
    this.serverSeed = deps.serverSeed;
    this.mintPlayerRef = deps.mintPlayerRef;
    this.facts = facts;
    this.currencies = deps.currencies ?? DEFAULT_CURRENCIES;
  }

  /** Takes the rights and the identity of the next event. */
  turnTo(credential: Credential | undefined, identity: IdentityKey | undefined): void {
    this.#credential = credential;
    this.rails = credential?.rails ?? NO_RAILS;
    this.identity = identity;
  }

  /** Gives the event its place in the book. */
  place(seq: number, recordedAt: number, keyHash: Uint8Array): void {
    this.seq = seq;
    this.recordedAt = recordedAt;
    this.keyHash = keyHash;
  }

  winCeiling(currency: string): bigint {
    return this.#credential?.winCeiling(currency) ?? 0n;
  }
}
