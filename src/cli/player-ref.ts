/**
 * `countroom player-ref`: which player a Telegram id stands for, asked of a running deployment.
 *
 * @module
 */
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { OperatorError } from "../ops/index.ts";
import { type DevFile, readDevFile } from "./dev/dev-file.ts";

/** An edge that doesn't answer in this time is taken for down. */
const RESOLVE_MS_MAX = 5_000;

interface Flags {
  readonly telegramId: string;
  readonly data: string;
  readonly operator?: string;
}

const Answer = v.object({ player_ref: v.string() });

export function register(program: Command): void {
  program
    .command("player-ref")
    .description("print the player reference of a Telegram id")
    .requiredOption("--telegram-id <n>", "the person's id at Telegram", telegramId)
    .option("--data <dir>", "folder of the running deployment", "./data")
    .option("--operator <id>", "operator of the player (default: the admin key's)")
    .action(async (flags: Flags) => {
      process.stdout.write(`${await playerRef(flags)}\n`);
    });
}

async function playerRef(flags: Flags): Promise<string> {
  const dev = await readDevFile(resolve(flags.data));
  const body = {
    telegram_id: flags.telegramId,
    ...(flags.operator === undefined ? {} : { operator_id: flags.operator }),
  };
  for (const edge of dev.edges) {
    const response = await ask(edge.url, dev, body);
    if (response === undefined) continue;
    if (response.ok) return v.parse(Answer, await response.json()).player_ref;
    throw await refusal(response, flags);
  }
  throw new OperatorError("EDGES_UNREACHABLE", "no edge of this deployment answers", {
    hint: `start it with: bun run dev --data ${flags.data}`,
  });
}

/** The answer of one edge; undefined when it is down. */
async function ask(url: string, dev: DevFile, body: object): Promise<Response | undefined> {
  try {
    const response = await fetch(`${url}/v1/players/resolve`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${dev.api_keys.admin}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(RESOLVE_MS_MAX),
    });
    return response.status === 503 ? undefined : response;
  } catch {
    return undefined;
  }
}

async function refusal(response: Response, flags: Flags): Promise<OperatorError> {
  if (response.status === 404) {
    return new OperatorError("PLAYER_UNKNOWN", "nobody is registered under this Telegram id", {
      hint: `let the person send /start to the bot first (id ${flags.telegramId})`,
    });
  }
  const problem = await response.json().catch(() => ({})) as { code?: string; detail?: string };
  const code = problem.code ?? `HTTP_${response.status}`;
  return new OperatorError(code, problem.detail ?? "the edge refuses to answer", {
    hint: "check --operator and the keys of the deployment",
  });
}

function telegramId(text: string): string {
  // Telegram's ids have at most 52 significant bits.
  if (/^[1-9][0-9]{0,15}$/.test(text) && Number(text) < 2 ** 52) return text;
  throw new InvalidArgumentError("A positive whole number is needed.");
}
