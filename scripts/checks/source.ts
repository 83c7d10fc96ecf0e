/** Checks of the source text: types of every folder, then the linter. */
import { join } from "node:path";
import { type Check, type CheckResult, failed, passed } from "./check.ts";
import { packageTool, ROOT, run } from "./process.ts";

const LIMIT_SECONDS = 120;

async function types(folder: string): Promise<CheckResult> {
  const command = [process.execPath, "check", "--no-script", "--all", "-p", join(ROOT, folder)];
  const done = await run(command, { limitSeconds: LIMIT_SECONDS });
  return done.ok ? passed() : failed(done.output);
}

async function lint(): Promise<CheckResult> {
  const config = join("scripts", "oxlint.json");
  const command = packageTool("oxlint/bin/oxlint", "-c", config, "--deny-warnings");
  const folders = ["src", "test", "scripts", "replicas"];
  const done = await run([...command, ...folders], { limitSeconds: LIMIT_SECONDS });
  return done.ok ? passed() : failed(done.output);
}

/** The checks of the source text. */
export const SOURCE_CHECKS: readonly Check[] = [
  ...["src", "test", "scripts"].map((folder) => ({
    name: `types: ${folder}`,
    run: () => types(folder),
  })),
  { name: "lint", run: lint },
];
