/**
 * Facts without effect on money: they are kept and proven like every record.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { EventRule } from "./event-rule.ts";
import { NOTES, type NoteType } from "./notes.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Note, Outcome } from "./types.ts";
import { unchanged } from "./verdict.ts";

function decideNote(view: StateView, command: Command, _note: Note, context: Context): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  // A fact tells no balances: they have nothing to do with it.
  return { ...unchanged(command, context, Code.OK, undefined, ""), playerRef: player?.ref ?? "" };
}

function noteRule(type: NoteType): EventRule<Note> {
  const needed: readonly string[] = NOTES[type];
  return {
    subject: needed.includes("player_ref") ? "named" : "optional",
    codes: [Code.PLAYER_UNKNOWN, Code.OK],
    decide: decideNote,
  };
}

export const noteRules = Object.fromEntries(
  Object.keys(NOTES).map((type) => [type, noteRule(type as NoteType)]),
) as Readonly<Record<NoteType, EventRule<Note>>>;
