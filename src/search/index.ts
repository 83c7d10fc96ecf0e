/**
 * What people ask the book for: statements, rounds, and which records an id is in. A consumer of
 * the Tail with a file of its own.
 *
 * @module
 */
export { SEARCH_FILE, startSearch } from "./search.ts";
export type { Search, SearchOptions } from "./search.ts";
export { searchHash, SearchIndex } from "./search-index.ts";
export type { IndexHead, SearchContent } from "./search-index.ts";
