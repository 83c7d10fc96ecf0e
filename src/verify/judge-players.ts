/**
 * Players: joining, standing, freezes, seeds; and facts, which do nothing.
 *
 * @module
 */
import {
  type PlayerFrozen,
  PlayerStatus,
  type PlayerStatusChanged,
} from "../wire/gen/countroom/v1/event_facts_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import type { Rules } from "./objects.ts";
import type { DerivedState, Player } from "./state.ts";
import {
  absurd,
  FACT_ONLY,
  isOneOf,
  no,
  playerOf,
  unknownPlayer,
  type Verdict,
  yes,
} from "./verdict.ts";

/** Identities aren't in the book: who says that one was bound already is believed. */
export function judgeRegistration(state: DerivedState, entry: Entry): Verdict {
  const { ref, outcome } = entry;
  const isKnown = state.players.has(ref);
  if (outcome.code === Code.PLAYER_ALREADY_REGISTERED && playerOf(state, entry) !== undefined) {
    return no(Code.PLAYER_ALREADY_REGISTERED, `player ${ref} is registered already`);
  }
  if (ref === "" || entry.event.playerRef !== "" || isKnown) {
    return no(Code.PLAYER_ALREADY_REGISTERED, `player ${ref} is registered already`);
  }
  return yes({ ref, lines: FACT_ONLY, allRows: true });
}

export function judgeStatus(
  state: DerivedState,
  entry: Entry,
  { status }: PlayerStatusChanged,
): Verdict {
  if (!isOneOf(PlayerStatus, status)) return absurd("there is no such status");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  if (player.status === PlayerStatus.CLOSED) {
    return no(Code.PLAYER_CLOSED, "a closed player stays closed");
  }
  return yes({ ref: entry.ref, lines: FACT_ONLY, allRows: true });
}

const NONE: Omit<Rules, "playerRef"> = {
  limits: [],
  bounds: [],
  timeOutUntil: 0n,
  excluded: false,
  excludedUntil: 0n,
  exclusionEndsAt: 0n,
  frozen: false,
  withdrawalsFrozen: false,
  notBeforeAt: 0n,
};

/** What a player may not, nothing when nobody said so. */
export function rulesOf({ ref: playerRef, extras }: Player): Rules {
  return extras?.rules ?? { playerRef, ...NONE };
}

/** The player's rules are others from here on, and nothing else happens. */
export function ruled({ ref }: Entry, rules: Rules): Verdict {
  return yes({ ref, lines: FACT_ONLY, changes: [{ case: "rules", value: rules }] });
}

export function judgeFreeze(
  state: DerivedState,
  entry: Entry,
  { withdrawalsToo: withdrawalsFrozen }: PlayerFrozen,
): Verdict {
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  return ruled(entry, { ...rulesOf(player), frozen: true, withdrawalsFrozen });
}

export function judgeUnfreeze(state: DerivedState, entry: Entry): Verdict {
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  return ruled(entry, { ...rulesOf(player), frozen: false, withdrawalsFrozen: false });
}

/** Something about a player who must be named, without any effect on money. */
export function judgeNamedFact(state: DerivedState, entry: Entry): Verdict {
  if (playerOf(state, entry) === undefined) return unknownPlayer(entry);
  return yes({ ref: entry.ref, lines: FACT_ONLY });
}

/** Something that happened, to a player or not. */
export function judgeFact(state: DerivedState, entry: Entry): Verdict {
  return entry.ref === "" ? yes({ ref: "", lines: FACT_ONLY }) : judgeNamedFact(state, entry);
}

/** What the primary writes itself. */
export function judgeOwn(_state: DerivedState, { ref, operator }: Entry): Verdict {
  if (ref !== "" || operator !== "") return absurd("it is nobody's, but says whose it is");
  return yes({ ref: "", lines: FACT_ONLY });
}
