/**
 * `countroom <command>`: finds the command, refuses what it doesn't know, ends with an exit code
 * that means something.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode, runCommand } from "../ops/index.ts";

interface CommandFile {
  register(program: Command): void;
}

/** Only the command that is asked for is loaded: a primary has no use for the bot. */
const COMMANDS: ReadonlyMap<string, () => Promise<CommandFile>> = new Map([
  ["dev", () => import("./dev.ts")],
  ["primary", () => import("./primary.ts")],
  ["publisher", () => import("./publisher.ts")],
  ["edge", () => import("./edge.ts")],
  ["search", () => import("./search.ts")],
  ["promote", () => import("./promote.ts")],
  ["keys", () => import("./keys.ts")],
  ["verify", () => import("./verify.ts")],
  ["export", () => import("./export.ts")],
  ["rebuild", () => import("./rebuild.ts")],
  ["bench", () => import("./bench.ts")],
  ["codes", () => import("./codes.ts")],
  ["player-ref", () => import("./player-ref.ts")],
]);

const EXIT_CODES = `
Exit codes, of every command and script:
  0  done            it did what was asked, or found it done already
  1  failed          the message says why, and often what to do
  2  usage           the command line or the configuration is wrong
  3  not provable    nothing contradicts the books, but a gap keeps them from being proven
  4  not approved    a needed approval or confirmation is missing
  5  integrity       the evidence contradicts itself, or another writer has taken over
`;

async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command("countroom")
    .description("The wallet of a Telegram casino, kept at the edge.")
    .version(packageFile.version, "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError("(countroom COMMAND --help lists the options)")
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("afterAll", EXIT_CODES)
    .exitOverride();
  const load = COMMANDS.get(words.find((word) => !word.startsWith("-")) ?? "");
  const files = load === undefined ? [...COMMANDS.values()] : [load];
  for (const file of files) (await file()).register(program);
  return program;
}

async function main(words: readonly string[]): Promise<ExitCode | void> {
  const program = await createProgram(words);
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed what it had to say; its own codes know only 0 and 1.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

await runCommand(() => main(process.argv.slice(2)));
