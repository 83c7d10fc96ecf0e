/**
 * `countroom dev`: the whole house on this machine, for trying and developing.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { readConfig } from "../config/index.ts";
import { logger, onShutdown } from "../ops/index.ts";
import { DEV_STOP_MS_MAX, EDGES_DEFAULT, PORT_BASE_MAX } from "./dev/limits.ts";
import { devOptions, REGIONS } from "./dev/plan.ts";
import { Supervisor } from "./dev/supervisor.ts";
import { watchRunner } from "./dev/runner-watch.ts";

interface Flags {
  readonly data?: string;
  readonly portBase?: number;
  readonly edges: number;
}

export function register(program: Command): void {
  program
    .command("dev")
    .description("run primary, publisher, search, edges and a Telegram stand-in on this machine")
    .option("--data <dir>", "folder of the deployment (default: ./data)")
    .option("--port-base <n>", "first port; the others follow (default: 7400)", port)
    .option("--edges <n>", `how many edges: ${REGIONS.join(", ")}`, edges, EDGES_DEFAULT)
    .addHelpText("after", HELP)
    .action((flags: Flags) => run(flags));
}

const HELP = `
Ports from the base: +0 primary, +1 edge eu, +2 edge asia, +3 Telegram stand-in, +4 publisher,
+5 search, +6 and up further edges. Once all are ready, DIR/dev.json says where and with which keys.
With TELEGRAM_BOT_TOKEN set there is no stand-in: the real bot's updates are polled instead.`;

async function run(flags: Flags): Promise<void> {
  const config = readConfig("dev", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_PORT: flags.portBase,
  });
  const log = logger("dev", { level: config.logLevel });
  const supervisor = new Supervisor(devOptions(config, flags.edges), log);
  const shutdown = onShutdown(() => supervisor.stop(), { log, limitMs: DEV_STOP_MS_MAX });
  process.on("SIGHUP", () => void shutdown.stop());
  watchRunner(() => void shutdown.stop());
  // A start that fails must not leave the half that did start behind.
  const failed = supervisor.start().then(() => supervisor.fatal);
  try {
    const code = await failed;
    await shutdown.stop(code);
  } catch (error) {
    if (supervisor.stopping) return;
    await supervisor.stop();
    throw error;
  }
}

function port(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1 && value <= PORT_BASE_MAX) return value;
  throw new InvalidArgumentError(`A whole number from 1 to ${PORT_BASE_MAX} is needed.`);
}

function edges(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1 && value <= REGIONS.length) return value;
  throw new InvalidArgumentError(`A whole number from 1 to ${REGIONS.length} is needed.`);
}

function wholeNumber(text: string): number {
  return /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
