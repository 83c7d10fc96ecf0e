/**
 * Bookmarks: a place in the book that a later read must have reached. Text: `<epoch>-<seq>`.
 *
 * @module
 */
import { BOOKMARK_CHARS_MAX } from "./limits.ts";

/** A place in the book. */
export interface Bookmark {
  readonly epoch: number;
  readonly seq: number;
}

const TEXT = /^(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,15})$/;

/** The bookmark of a record or of a head. */
export function formatBookmark(epoch: number, seq: number): string {
  return `${epoch}-${seq}`;
}

/** Reads a bookmark, or answers undefined when the text isn't one. */
export function parseBookmark(text: string): Bookmark | undefined {
  if (text.length > BOOKMARK_CHARS_MAX) return undefined;
  const parts = TEXT.exec(text);
  if (parts === null) return undefined;
  const epoch = Number(parts[1]);
  const seq = Number(parts[2]);
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(seq)) return undefined;
  return { epoch, seq };
}
