/**
 * The auditor's second implementation of the book's rules. It shares no code with the rooms that
 * write: it imports the generated messages and nothing else of the project.
 *
 * @module
 */
export { Audit } from "./audit.ts";
export { ExportFault, ExportFile } from "./export-file.ts";
export type { ReadBytes } from "./export-file.ts";
export type {
  AuditOptions,
  AuditReport,
  BookPart,
  CommittedRoot,
  ProjectedBet,
  ProjectedExtras,
  Projection,
  StoredBook,
  StoredClaim,
  StoredEpoch,
  StoredIdentity,
  StoredTree,
  StoreFault,
} from "./book.ts";
export type { DigestIdentity, DigestWallet } from "./digest.ts";
export type { StoredRecord } from "./entry.ts";
export type { Thing } from "./objects.ts";
export type { Finding, FindingKind, Gap } from "./findings.ts";
export { withChain } from "./key-chain.ts";
export type { SigningKey } from "./note.ts";
