import type { SearchDb } from "../store/search-db.ts";
import { packUuid } from "../store/search-keys.ts";
import { RecentMap } from "./recent-map.ts";
import { PLAYERS_KEPT } from "./limits.ts";

interface Known {
  readonly id: number;
  known: boolean;
}

/** Numbers of players, given in the order in which the book first names them. */
export class Players {
  readonly #db: SearchDb;
  readonly #kept = new RecentMap<string, Known>(PLAYERS_KEPT);
  #last: number;

  constructor(db: SearchDb) {
    this.#db = db;
    this.#last = db.reader.players();
  }

  /**
   * The number of a player, who gets one when new; 0 for nobody. `accepted`: the record had its
   * effect, so that the player is certain to exist.
   */
  put(operator: number, ref: string, accepted: boolean): number {
    if (ref === "") return 0;
    const key = `${operator} ${ref}`;
    const player = this.#kept.get(key) ?? this.#find(operator, ref, key);
    if (player === undefined) return this.#add(operator, ref, key, accepted);
    if (accepted && !player.known) {
      this.#db.know(player.id, operator, packUuid(ref));
      player.known = true;
    }
    return player.id;
  }

  #find(operator: number, ref: string, key: string): Known | undefined {
    const row = this.#db.reader.player(operator, packUuid(ref));
    if (row === undefined) return undefined;
    const player = { id: row.id, known: row.known === 1 };
    this.#kept.set(key, player);
    return player;
  }

  #add(operator: number, ref: string, key: string, known: boolean): number {
    const id = (this.#last += 1);
    this.#db.addPlayer(id, operator, packUuid(ref), known);
    this.#kept.set(key, { id, known });
    return id;
  }
}
