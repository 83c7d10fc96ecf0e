import { readFileSync } from "node:fs";
import { OperatorError } from "../ops/index.ts";

/** The token in a file. Throws an {@link OperatorError} when it can't be read. */
export function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new OperatorError("KEY_MISSING", `the token file ${path} can't be read`, {
      cause,
      hint: "check COUNTROOM_TOKEN_FILE, COUNTROOM_BOT_TOKEN_FILE and COUNTROOM_KEYS",
    });
  }
}
