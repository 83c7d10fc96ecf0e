import { relative } from "node:path";
import type { DevOptions } from "./plan.ts";

/** What a person sees once all is ready: where things are, and three things to try. */
export function welcomeText(options: DevOptions, colours: boolean): string {
  const bold = (text: string): string => colours ? `\x1b[1m${text}\x1b[0m` : text;
  const rows: [string, string][] = [
    ...(options.realToken === undefined
      ? [["Chat page", options.telegram.url] as [string, string]]
      : []),
    ...options.edges.map(({ region, url }): [string, string] => [`Edge ${region}`, url]),
    ["Primary", options.primary.url],
    ["Publisher", options.publisher.url],
    ["Search", options.search.url],
  ];
  const table = rows.map(([name, url]) => `  ${name.padEnd(11)} ${url}`).join("\n");
  const tips = options.realToken === undefined ? standInTips(options) : realTips(options);
  const numbered = tips.map(([what, how], index) => `  ${index + 1}. ${what}\n     ${how}`);
  return `\n${bold("Countroom is ready.")}\n\n${table}\n\n${bold("Try")}\n\n` +
    `${numbered.join("\n\n")}\n\nCtrl-C stops everything; the book stays in ${folder(options)}.\n`;
}

function standInTips(options: DevOptions): [string, string][] {
  const say = (text: string): string =>
    `curl -s ${options.telegram.url}/sim/send -d chat_id=4242 -d text='${text}'`;
  return [
    ["Open the chat page and talk to the bot:", options.telegram.url],
    ["Or be player 4242 from a shell:", `${say("/start")} && ${say("/deposit 100")}`],
    balanceTip(options, "4242"),
  ];
}

function realTips(options: DevOptions): [string, string][] {
  return [
    ["Write to your bot in Telegram:", "/start, then /deposit 100"],
    balanceTip(options, "YOUR_TELEGRAM_ID"),
    ["See how fresh an edge is:", `curl -s ${options.edges[0]!.url}/readyz`],
  ];
}

function balanceTip(options: DevOptions, id: string): [string, string] {
  const last = options.edges.at(-1)!;
  const data = folder(options) === "./data" ? "" : ` --data ${folder(options)}`;
  const ref = `$(bun run --silent countroom player-ref --telegram-id ${id}${data})`;
  return [
    `Read that balance at edge ${last.region}:`,
    `curl -s -H "Authorization: Bearer $(cat ${folder(options)}/keys/api-read.jwt)" \\\n` +
      `       ${last.url}/v1/players/${ref}/balance`,
  ];
}

function folder(options: DevOptions): string {
  const path = relative(process.cwd(), options.dataDir);
  return path.startsWith("..") || path === "" ? options.dataDir : `./${path}`;
}
