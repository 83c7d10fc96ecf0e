/** How the keeping of a replica goes, for metrics. */
export interface KeeperStatus {
  /** A syncer feeds the replica in service. */
  readonly isFed: boolean;
  readonly builds: number;
  readonly failedBuilds: number;
  readonly resumes: number;
  readonly condemned: number;
}

/** Before anything is known. */
export const NOTHING_KEPT: KeeperStatus = Object.freeze({
  isFed: false,
  builds: 0,
  failedBuilds: 0,
  resumes: 0,
  condemned: 0,
});
