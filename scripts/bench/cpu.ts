/** Processor time of other processes. */
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

/** Ticks per second in /proc; the kernel fixes it for programs at 100. */
const TICKS_PER_SECOND = 100;

/** Milliseconds of processor time that a process has used, all threads, user and system. */
export function cpuMs(pid: number): number {
  if (process.platform === "linux") return fromProc(pid);
  const { stdout } = spawnSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" });
  const parts = stdout.trim().split(/[:-]/).map(Number);
  if (parts.length === 0 || parts.some(Number.isNaN)) throw new Error(`no CPU time of ${pid}`);
  return parts.reduce((sum, part) => sum * 60 + part, 0) * 1_000;
}

function fromProc(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is a name in parentheses that may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}
