import { LookupKind, lookupHash, packHex, packId, packUuid, sameId } from "../store/search-keys.ts";
import type { Direction } from "../store/search-reader.ts";
import type { SearchRecord } from "../store/search-schema.ts";
import type { SearchSnapshot } from "./search-view.ts";

/** What to look for. */
export interface Wanted {
  readonly kind: LookupKind;
  readonly operator: number;
  /** As events write it. */
  readonly id: string;
  /** Both included. */
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
}

/** A record of the id, or a stranger that only has its hash. */
export interface Found {
  readonly seq: number;
  readonly record: SearchRecord | undefined;
}

/** Records of one id, with the strangers in between. */
export function* foundRecords({ reader }: SearchSnapshot, wanted: Wanted): Generator<Found> {
  const { kind, operator, id, from, to, direction } = wanted;
  const isIt = matcher(kind, id);
  const player =
    kind === LookupKind.player || kind === LookupKind.refusal
      ? reader.player(operator, packUuid(id))?.id
      : undefined;
  for (const seq of reader.seqs(lookupHash(kind, operator, id), from, to, direction)) {
    const record = reader.ownRecord(seq);
    const fits = record.operator === operator && isIt(record, player);
    yield { seq, record: fits ? record : undefined };
  }
}

type Fits = (record: SearchRecord, player: number | undefined) => boolean;

function matcher(kind: LookupKind, id: string): Fits {
  switch (kind) {
    case LookupKind.txn:
    case LookupKind.round: {
      const wanted = packId(id);
      const field = kind === LookupKind.txn ? "txn" : "round";
      return (record) => sameId(record[field], wanted);
    }
    case LookupKind.event: {
      const wanted = packUuid(id);
      return (record) => sameId(record.event, wanted);
    }
    case LookupKind.trace: {
      const wanted = packHex(id);
      return (record) => sameId(record.trace, wanted);
    }
    case LookupKind.player:
    case LookupKind.refusal:
      return (record, player) => player !== undefined && record.player === player;
    default:
      return kind satisfies never;
  }
}
