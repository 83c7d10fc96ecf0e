/** A role process for the tests: the first argument says how it behaves. */
import {
  EXIT,
  logger,
  onShutdown,
  OperatorError,
  printReady,
  runCommand,
} from "../../src/ops/index.ts";

const [behaviour = "good"] = process.argv.slice(2);
const log = logger("test");

async function drain(): Promise<void> {
  if (behaviour === "stuck") await new Promise(() => {});
  if (behaviour === "failing") throw new Error("can't drain");
  await Bun.sleep(50);
  process.stdout.write("drained\n");
}

await runCommand(async () => {
  if (behaviour === "refusing") {
    throw new OperatorError("BOOK_SEALED", "the folder is sealed", {
      hint: "countroom promote --confirm",
      exitCode: EXIT.integrity,
    });
  }
  if (behaviour === "broken") throw new Error("oops");
  const shutdown = onShutdown(drain, { log, limitMs: 500 });
  printReady({ role: "test", url: "http://127.0.0.1:1" });
  if (behaviour === "fenced") await shutdown.stop(EXIT.integrity);
  setInterval(() => {}, 1_000);
});
