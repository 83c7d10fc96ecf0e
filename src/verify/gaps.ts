/**
 * What an audit couldn't check.
 *
 * @module
 */
import type { AuditOptions, StoredBook } from "./book.ts";
import { RULES_KNOWN } from "./effects.ts";
import type { Gap } from "./findings.ts";
import type { Replay } from "./replay.ts";

/** Gaps of a finished audit; `signed` records lie under a verified checkpoint. */
export function gapsOf(replay: Replay, signed: number, { publicKeys, part }: AuditOptions): Gap[] {
  const { seq, start, rules } = replay;
  if (seq === start) return [{ kind: "book_empty", detail: "there are no records" }];
  const gaps: Gap[] = [];
  if (part !== undefined && start > 0) {
    const detail =
      `${part.name} begins at record ${start + 1}: balances, open bets and facts before it are ` +
      "unknown. Checked were bytes, tree, postings, times, epochs, keys within the range, and " +
      "each balance from where the range first tells it; not whether events were rightly decided";
    gaps.push({ kind: "partial_range", detail });
  }
  if (rules > RULES_KNOWN) {
    const detail = `rules ${rules} decided records, this verifier knows ${RULES_KNOWN}`;
    gaps.push({ kind: "rules_unknown", detail });
  }
  const first = Math.max(start, signed) + 1;
  if ((publicKeys ?? []).length === 0) {
    const detail = "without the public key no signature was verified";
    gaps.push({ kind: "public_key_missing", detail });
  } else if (signed <= start) {
    const detail = `no signed checkpoint covers the ${seq - start} records`;
    gaps.push({ kind: "checkpoints_missing", detail });
  } else if (signed < seq) {
    const detail = `records ${first} to ${seq} are not under a signed checkpoint yet`;
    gaps.push({ kind: "tail_unsigned", detail });
  }
  return gaps;
}

/** What a source can't show, so that nothing is said about it. */
export function notHeldBy(book: StoredBook): string[] {
  const parts: readonly (readonly [held: boolean, what: string])[] = [
    [book.roots !== undefined, "roots of commits"],
    [book.identities !== undefined, "identities, and with them the signed state digests"],
    [book.claims !== undefined, "the index of claims"],
    [book.epochs !== undefined, "rows of epochs"],
  ];
  return parts.flatMap(([held, what]) => (held ? [] : [what]));
}
