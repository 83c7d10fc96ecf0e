import { CODES, type Code, type CodeName } from "../ledger/index.ts";

/** A read that can't be answered; `code` says why in the catalogue's terms. */
export class ReadError extends Error {
  override readonly name = "ReadError";
  readonly code: CodeName;
  readonly number: Code;

  constructor(number: Code, cause?: unknown) {
    super(CODES[number].text, cause === undefined ? undefined : { cause });
    this.number = number;
    this.code = CODES[number].name;
  }
}
