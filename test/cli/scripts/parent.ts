/** A supervisor of one child that says its child's pid and then waits to be killed. */
import { SupervisedChild } from "../../../src/cli/dev/child.ts";
import { logger } from "../../../src/ops/index.ts";

const port = Number(process.argv[2]);
const child = new SupervisedChild(
  {
    role: "edge", name: "test", url: `http://127.0.0.1:${port}`, port, probe: "/readyz",
    script: "test/cli/scripts/child.ts", args: [],
    env: { ...process.env, CHILD_PORT: `${port}` },
  },
  logger("test", { level: "silent" }),
  { onReady: () => {}, onFatal: () => {} },
);
await child.start();
console.log(child.pid);
setInterval(() => {}, 1_000);
