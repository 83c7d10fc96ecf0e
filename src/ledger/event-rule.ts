/**
 * The rule of one type of event.
 *
 * @module
 */
import type { Currencies } from "../money/index.ts";
import type { Code } from "./codes.ts";
import type { MutableState, StateView } from "./state-view.ts";
import type {
  Claim,
  Command,
  Context,
  Fault,
  IdentityKey,
  Outcome,
  Payload,
  PayloadOf,
  PayloadType,
} from "./types.ts";

/**
 * Whom an event is about: a player that it must name; one it may name; nobody; or a player that
 * the object it refers to belongs to, which may be named as well.
 */
export type Subject = "named" | "optional" | "none" | "referred";

/** An id of the envelope that a type of event isn't accepted without. */
export type NeededId = "round_id" | "txn_id" | "game_id";

/** What is known about one type of event. */
export interface EventRule<P extends Payload = Payload> {
  readonly subject: Subject;
  readonly needs?: readonly NeededId[];
  /** Codes that `decide` can find, in the order it finds them; OK last. */
  readonly codes: readonly Code[];
  /** The first fault of the payload, in field order. Such events are answered, not recorded. */
  fault?(payload: P, command: Command, context: FaultContext | undefined): Fault | undefined;
  decide(view: StateView, command: Command, payload: P, context: Context): Outcome;
  /** Claims beside the key's, from the state just before the record. */
  claims?(view: StateView, command: Command, payload: P, outcome: Outcome): readonly Claim[];
  /**
   * Applies a record of code OK. Without it, postings and changes are all there is, and
   * `applyMovement` takes them.
   */
  apply?(
    state: MutableState,
    command: Command,
    payload: P,
    outcome: Outcome,
    identity: IdentityKey | undefined,
  ): void;
  /** Codes beside OK that accept the event without effect. */
  readonly accepts?: readonly Code[];
}

/** What validation may ask. */
export interface FaultContext {
  readonly identity?: Context["identity"];
  /** Undefined at an edge, where a missing player and an unregistered rail aren't looked for. */
  readonly rails?: Context["rails"] | undefined;
  /**
   * The configured currencies. Money that begins here must be in one of them: bets, deposits. Money
   * that is there already may be in any: wins, rollbacks and withdrawals go on in a currency that
   * was taken out of the configuration. Undefined: any well-formed code will do.
   */
  readonly currencies?: Currencies | undefined;
}

/** Rules by type. */
export type EventRules<Type extends PayloadType> = {
  readonly [T in Type]: EventRule<PayloadOf<T>>;
};
