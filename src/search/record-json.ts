import { exponentOf } from "../money/index.ts";
import { unpackHex, unpackId } from "../store/search-keys.ts";
import type { SearchRecord } from "../store/search-schema.ts";
import { codeName } from "../wire/index.ts";
import type { SearchSnapshot } from "./search-view.ts";

/** What is told of a record wherever it is named. What doesn't apply is left out. */
export function recordJson(record: SearchRecord, { names }: SearchSnapshot) {
  const txn = unpackId(record.txn);
  const round = unpackId(record.round);
  return {
    seq: String(record.seq),
    recorded_at: String(record.recordedAt),
    type: names.name(record.type),
    code: codeName(record.code),
    source: names.name(record.source),
    ...(txn === "" ? {} : { txn_id: txn }),
    ...(round === "" ? {} : { round_id: round }),
  };
}

/** The whole row, for whoever investigates. */
export function fullRecordJson(record: SearchRecord, snapshot: SearchSnapshot) {
  const player = snapshot.reader.playerById(record.player);
  const trace = unpackHex(record.trace);
  return {
    ...recordJson(record, snapshot),
    ...(record.event === null ? {} : { event_id: unpackId(record.event) }),
    ...(player === undefined ? {} : { player_ref: unpackId(player.ref) }),
    ...(trace === "" ? {} : { trace_id: trace }),
    ...(record.game === null ? {} : { game_id: record.game }),
    ...(record.bet === 0 ? {} : { bet_seq: String(record.bet) }),
    ...(record.closes === 1 ? { closes_round: true } : {}),
  };
}

/** A currency by its number: code and exponent. */
export function currencyJson(number: number, { names, currencies }: SearchSnapshot) {
  const code = names.name(number);
  return { currency: code, exponent: exponentOf(currencies, code) };
}
