/**
 * `countroom codes`: the catalogue of codes, and which one applies when several would.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { CODES, PAYLOAD_TYPES, type PayloadType, PRECEDENCE } from "../ledger/index.ts";

interface Flags {
  readonly type?: PayloadType;
  readonly json?: true;
}

export function register(program: Command): void {
  program
    .command("codes")
    .description("print the catalogue of codes, or the precedence of one type of event")
    .option("--type <event>", "what an event of this type can be answered, in order", payloadType)
    .option("--json", "print JSON")
    .action((flags: Flags) => {
      const lines = flags.type === undefined ? catalogue() : precedence(flags.type);
      process.stdout.write(flags.json === true ? `${JSON.stringify(lines)}\n` : table(lines));
    });
}

function payloadType(text: string): PayloadType {
  const type = PAYLOAD_TYPES.find((known) => known === text);
  if (type === undefined) throw new InvalidArgumentError(`one of ${PAYLOAD_TYPES.join(", ")}`);
  return type;
}

interface Line {
  readonly code: string;
  readonly number: number;
  readonly class: string;
  readonly status: string;
  readonly http_status: number;
  /** The same bytes may succeed later. */
  readonly retryable: boolean;
  /** It is a record of the book, and stays so. */
  readonly recorded: boolean;
  readonly text: string;
}

function catalogue(): Line[] {
  return Object.values(CODES).map((entry) => ({
    code: entry.name,
    number: entry.code,
    class: entry.class,
    status: entry.status,
    http_status: entry.httpStatus,
    retryable: entry.retryable,
    recorded: entry.recorded,
    text: entry.text,
  }));
}

function precedence(type: PayloadType): Line[] {
  const lines = new Map(catalogue().map((line) => [line.number, line]));
  return PRECEDENCE[type].map((code) => lines.get(code)!);
}

function table(lines: readonly Line[]): string {
  const wide = Math.max(...lines.map(({ code }) => code.length));
  const rows = lines.map((line) => {
    const again = line.retryable ? "retry" : "final";
    const kept = line.recorded ? "recorded" : "";
    const fields = [
      String(line.number).padStart(3),
      line.code.padEnd(wide),
      line.class.padEnd(10),
      String(line.http_status),
      again,
      kept.padEnd(8),
      line.text,
    ];
    return fields.join("  ");
  });
  return `${rows.join("\n")}\n`;
}
