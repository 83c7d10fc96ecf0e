/**
 * What `verify book` prints: a few lines for people, one document for machines.
 *
 * @module
 */
import type { AuditReport } from "../../verify/index.ts";

/** Findings shown to people; `--json` has them all. */
const SHOWN_MAX = 10;

const HEADLINES = {
  ok: "OK",
  incomplete: "INCOMPLETE: nothing is wrong, but not everything could be checked",
  failed: "DAMAGED",
} as const satisfies Record<AuditReport["status"], string>;

/** Lines for people. */
export function describe(
  report: AuditReport,
  checked: readonly string[],
  uncompared: readonly string[] = [],
): string {
  const { status, from, records, epoch, players, openBets, signed } = report;
  const { findings, findingsCount } = report;
  const lines = [`${HEADLINES[status]}`];
  for (const { seq, through, kind, detail } of findings.slice(0, SHOWN_MAX)) {
    const where = through === undefined ? `record ${seq}` : `records ${seq} to ${through}`;
    lines.push(`  ${seq === 0 ? "somewhere" : where}  ${kind}: ${detail}`);
  }
  const more = findingsCount - Math.min(findings.length, SHOWN_MAX);
  if (more > 0) lines.push(`  and ${more} more`);
  for (const { kind, detail } of report.gaps) lines.push(`  ${kind}: ${detail}`);
  for (const note of report.notes) lines.push(`  note: ${note}`);
  for (const what of uncompared) {
    lines.push(`  not compared: ${what}; see countroom rebuild --only ${what.split(".")[0]}`);
  }
  for (const what of report.notHeld) lines.push(`  not in this source: ${what}`);
  lines.push(
    from === 1
      ? `${records} records of ${epoch} epochs, ${signed} of them signed; ` +
          `${players} players, ${openBets} open bets`
      : `records ${from} to ${records} of epoch ${epoch}, signed up to ${signed}`,
    `compared with: ${checked.join(", ")}`,
    `root ${Buffer.from(report.root).toString("base64")}`,
  );
  return `${lines.join("\n")}\n`;
}

/** The same for machines; amounts are decimal strings. */
export function toJson(
  report: AuditReport,
  checked: readonly string[],
  uncompared: readonly string[] = [],
): string {
  const { root, house, findingsCount, openBets, notHeld, ...rest } = report;
  const accounts = [...house].map(([key, minor]) => {
    const [operator_id, kind, qualifier, currency] = key.split("\0");
    return { operator_id, account: Number(kind), qualifier, currency, minor: String(minor) };
  });
  const document = {
    ...rest,
    open_bets: openBets,
    findings_count: findingsCount,
    not_held: notHeld,
    root: Buffer.from(root).toString("base64"),
    compared_with: checked,
    not_compared: uncompared,
    house_accounts: accounts,
  };
  return `${JSON.stringify(document)}\n`;
}
