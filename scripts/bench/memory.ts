/** Resident memory of other processes. */
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

/** Megabytes (10^6 bytes) of memory that a process holds. */
export function residentMb(pid: number): number {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
    return (Number(stdout) * 1_024) / 1e6;
  }
  return fromProc(pid, "VmRSS");
}

/** The most it has held; NaN where nobody tells. */
export function peakMb(pid: number): number {
  return process.platform === "linux" ? fromProc(pid, "VmHWM") : Number.NaN;
}

function fromProc(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text) ?? [];
  return (Number(kib) * 1_024) / 1e6;
}
