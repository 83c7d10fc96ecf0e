/**
 * The one writer of the book: it settles events, signs checkpoints, and feeds everything else.
 *
 * @module
 */
export { assertBookOf } from "./book-of.ts";
export { rotateKey } from "./key-rotation.ts";
export type { Rotation, RotationOptions } from "./key-rotation.ts";
export { primaryPaths } from "./paths.ts";
export type { PrimaryPaths } from "./paths.ts";
export { startPrimary } from "./primary.ts";
export type { Primary, PrimaryOptions } from "./primary.ts";
export type { AppendEvent } from "./group-decider.ts";
export { promote } from "./promote.ts";
export type { Promotion, PromoteOptions } from "./promote.ts";
export { rebuildState, rebuildTree } from "./rebuild.ts";
export type { OldCheckpoint, RebuildOptions, RebuildSigner } from "./rebuild.ts";
