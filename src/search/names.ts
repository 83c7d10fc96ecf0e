import { searchDamaged } from "../store/search-checksum.ts";
import type { SearchDb } from "../store/search-db.ts";

/** What a name is of. */
export const NameKind = Object.freeze({
  operator: 1,
  source: 2,
  type: 3,
  currency: 4,
} as const);
export type NameKind = (typeof NameKind)[keyof typeof NameKind];

/**
 * Numbers of names that repeat, given in the order in which the book first mentions them. There are
 * few: all of them come from credentials and from the contract.
 */
export class Names {
  readonly #db: SearchDb;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [""];

  constructor(db: SearchDb) {
    this.#db = db;
    for (const { id, kind, name } of db.reader.names()) {
      if (id !== this.#names.length) throw searchDamaged(`name ${this.#names.length} is missing`);
      this.#remember(id, kind, name);
    }
  }

  /** The number of a name, which gets one when it is new. Within a transaction. */
  put(kind: NameKind, name: string): number {
    if (name === "") return 0;
    const known = this.find(kind, name);
    if (known !== 0) return known;
    const id = this.#names.length;
    this.#db.addName(id, kind, name);
    this.#remember(id, kind, name);
    return id;
  }

  /** The number of a name; 0 when the book never mentioned it. */
  find(kind: NameKind, name: string): number {
    return this.#numbers.get(`${kind}${name}`) ?? 0;
  }

  /** The name behind a number. */
  name(id: number): string {
    return this.#names[id] ?? "";
  }

  #remember(id: number, kind: number, name: string): void {
    this.#names[id] = name;
    this.#numbers.set(`${kind}${name}`, id);
  }
}
