/** The benchmark's figures for people. */
import type { BenchReport } from "./main.ts";
import type { Result } from "./rows.ts";

/** A table with a line per row, and below each what it rests on. */
export function tableOf({ machine, results }: BenchReport): string {
  const { cpu, cores, memory_gib, os, bun, commit_ms } = machine;
  const lines = [
    `${cpu}, ${cores} cores, ${memory_gib} GiB, ${os}, Bun ${bun}, durable commit ${commit_ms} ms`,
    "",
  ];
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const result of results) {
    lines.push(`${result.name.padEnd(width)}  ${figure(result)}`);
    lines.push(`${" ".repeat(width)}  ${result.detail}`);
  }
  return `${lines.join("\n")}\n`;
}

function figure({ value, unit, goal, better }: Result): string {
  const sign = better === "higher" ? "≥" : "≤";
  const wanted = `(goal ${sign} ${goal})`;
  if (value === null) return `– ${wanted}`;
  const met = better === "higher" ? value >= goal : value <= goal;
  const of = unit === "ratio" ? "" : ` ${unit}`;
  return `${value}${of} ${wanted} ${met ? "met" : "missed"}`;
}
