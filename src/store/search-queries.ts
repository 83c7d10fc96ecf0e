/**
 * The questions that `search.db` is asked, as prepared drizzle queries.
 *
 * @module
 */
import { and, asc, desc, eq, gt, gte, lt, lte, or, sql } from "drizzle-orm";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import {
  searchBets,
  searchEpochs,
  searchHead,
  searchHoldings,
  searchLines,
  searchLookups,
  searchNames,
  searchOpenBets,
  searchPlayers,
  searchRecords,
  searchTotals,
} from "./search-schema.ts";

const hole = sql.placeholder;

/** The prepared queries of one connection. */
export type SearchQueries = ReturnType<typeof prepareSearchQueries>;

/** Prepares them. */
export function prepareSearchQueries(db: BunSQLiteDatabase) {
  return { ...placeQueries(db), ...rowQueries(db), ...scanQueries(db) };
}

function placeQueries(db: BunSQLiteDatabase) {
  return {
    head: db.select().from(searchHead).where(eq(searchHead.id, 1)).prepare(),
    epochs: db.select().from(searchEpochs).orderBy(asc(searchEpochs.epoch)).prepare(),
    names: db
      .select()
      .from(searchNames)
      .where(gt(searchNames.id, hole("after")))
      .orderBy(asc(searchNames.id))
      .prepare(),
    total: db
      .select()
      .from(searchTotals)
      .where(and(eq(searchTotals.part, hole("part")), eq(searchTotals.segment, hole("segment"))))
      .prepare(),
    lastPlayer: db
      .select({ id: searchPlayers.id })
      .from(searchPlayers)
      .orderBy(desc(searchPlayers.id))
      .limit(1)
      .prepare(),
  };
}

function rowQueries(db: BunSQLiteDatabase) {
  return {
    player: db
      .select()
      .from(searchPlayers)
      .where(and(eq(searchPlayers.ref, hole("ref")), eq(searchPlayers.operator, hole("operator"))))
      .prepare(),
    playerById: db
      .select()
      .from(searchPlayers)
      .where(eq(searchPlayers.id, hole("id")))
      .prepare(),
    record: db
      .select()
      .from(searchRecords)
      .where(eq(searchRecords.seq, hole("seq")))
      .prepare(),
    bet: db
      .select()
      .from(searchBets)
      .where(eq(searchBets.seq, hole("seq")))
      .prepare(),
    holding: db
      .select()
      .from(searchHoldings)
      .where(
        and(eq(searchHoldings.player, hole("player")), eq(searchHoldings.account, hole("account"))),
      )
      .prepare(),
    openBets: db
      .select()
      .from(searchOpenBets)
      .where(
        and(
          eq(searchOpenBets.operator, hole("operator")),
          eq(searchOpenBets.source, hole("source")),
          eq(searchOpenBets.round, hole("round")),
        ),
      )
      .orderBy(asc(searchOpenBets.seq))
      .prepare(),
  };
}

function scanQueries(db: BunSQLiteDatabase) {
  const { bucket, seq } = searchLookups;
  const inBucket = eq(bucket, hole("bucket"));
  const line = searchLines;
  const inSegment = and(eq(line.segment, hole("segment")), eq(line.player, hole("player")));
  const atSeq = eq(line.seq, hole("seq"));
  const limit = hole("limit");
  return {
    seqsDown: db
      .select({ seq })
      .from(searchLookups)
      .where(and(inBucket, lt(seq, hole("seq"))))
      .orderBy(desc(seq))
      .limit(limit)
      .prepare(),
    seqsUp: db
      .select({ seq })
      .from(searchLookups)
      .where(and(inBucket, gt(seq, hole("seq"))))
      .orderBy(asc(seq))
      .limit(limit)
      .prepare(),
    // The bound on seq alone lets SQLite seek; the second one only tells the lines of one record.
    linesDown: db
      .select()
      .from(line)
      .where(
        and(
          inSegment,
          lte(line.seq, hole("seq")),
          or(lt(line.seq, hole("seq")), and(atSeq, lt(line.n, hole("n")))),
        ),
      )
      .orderBy(desc(line.seq), desc(line.n))
      .limit(limit)
      .prepare(),
    linesUp: db
      .select()
      .from(line)
      .where(
        and(
          inSegment,
          gte(line.seq, hole("seq")),
          or(gt(line.seq, hole("seq")), and(atSeq, gt(line.n, hole("n")))),
        ),
      )
      .orderBy(asc(line.seq), asc(line.n))
      .limit(limit)
      .prepare(),
  };
}
