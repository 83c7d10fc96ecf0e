/**
 * One line of the catalogue of codes.
 *
 * @module
 */
import { Code, type CodeName } from "./code-numbers.ts";

/** Kind of a code, for whoever maps codes onto another protocol. */
export type CodeClass =
  | "accepted"
  | "refusal"
  | "limit"
  | "conflict"
  | "not_found"
  | "validation"
  | "auth"
  | "transient"
  | "internal";

/** How an event with this code fared. */
export type CodeStatus = "accepted" | "refused" | "rejected" | "unavailable";

/** One line of the catalogue. */
export interface CodeEntry {
  readonly code: Code;
  readonly name: CodeName;
  readonly class: CodeClass;
  readonly status: CodeStatus;
  /** Such an outcome is a record of the book, and therefore sticky. */
  readonly recorded: boolean;
  /** Status of a response that is about this code alone. */
  readonly httpStatus: number;
  /** The same bytes may succeed later. */
  readonly retryable: boolean;
  /** One sentence for people; no part of the contract. */
  readonly text: string;
}

/** A line; whether it is recorded and retryable follows from its status. */
export function entry(
  name: CodeName,
  kind: CodeClass,
  status: CodeStatus,
  httpStatus: number,
  text: string,
): CodeEntry {
  const recorded = status === "accepted" || status === "refused";
  const retryable = status === "unavailable" && name !== "UNSPECIFIED";
  const line = {
    code: Code[name],
    name,
    class: kind,
    status,
    recorded,
    httpStatus,
    retryable,
    text,
  };
  return Object.freeze(line);
}
