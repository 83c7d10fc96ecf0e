/** What a forger does who has recipients and even the identity: a set made anew, well sealed. */
import type { CrbHeader } from "../../src/archive/crb/header.ts";
import { locate } from "../../src/archive/restore/locate.ts";
import { plan } from "../../src/archive/restore/plan.ts";
import { readObject, withoutExtension } from "../../src/archive/restore/read-object.ts";
import { ChunkWriter } from "../../src/archive/snapshot/chunk-writer.ts";
import {
  decodeSealedItem,
  ItemDecoder,
  ItemEncoder,
  RECORD_ITEM,
  type SealedItem,
} from "../../src/archive/snapshot/items.ts";
import type { Manifest } from "../../src/archive/snapshot/manifest.ts";
import { DirectoryStore } from "../../src/archive/stores/directory.ts";

type Row = Record<string, unknown>;

/** What is changed; everything else stays. */
export interface Forgery {
  readonly records?: (records: SealedItem[]) => SealedItem[];
  /** Rows of state, epochs and keys. */
  readonly row?: (row: Row) => Row | undefined;
  readonly manifest?: (manifest: Manifest) => Manifest;
}

/** Copies the newest set of a folder into another, changed. */
export async function forge(
  from: string,
  to: string,
  identity: string,
  recipient: string,
  forgery: Forgery,
): Promise<void> {
  const store = new DirectoryStore(from);
  const { chosen } = await locate(store, {});
  const { manifest, chunks } = await plan(store, chosen, [identity]);
  const records: SealedItem[] = [];
  const rows: Record<"book" | "state", Row[]> = { book: [], state: [] };
  let header: CrbHeader | undefined;
  for (const { chunk, object } of chunks) {
    const items = new ItemDecoder();
    const plaintext = readObject({
      store,
      object,
      sealedKey: withoutExtension(chunk.key),
      identities: [identity],
      judge: () => undefined,
      judgeHeader: (told) => void (header = told),
    });
    for await (const piece of plaintext) {
      for (const { kind, payload } of items.push(piece)) {
        if (kind === RECORD_ITEM) records.push(decodeSealedItem(payload));
        else if (chunk.section !== "records") {
          rows[chunk.section].push(JSON.parse(new TextDecoder().decode(payload)) as Row);
        }
      }
    }
  }
  const writer = new ChunkWriter({
    store: new DirectoryStore(to),
    name: chosen.name,
    // What is each object's own is set anew.
    fields: header!,
    recipients: [recipient],
    stateDigest: manifest.state,
  });
  const encoder = new ItemEncoder();
  const kept = (section: "book" | "state"): string[] => {
    const changed = rows[section].map((row) => (forgery.row ?? ((same) => same))(row));
    return changed.flatMap((row) => (row === undefined ? [] : JSON.stringify(row)));
  };
  await writer.begin("state");
  for (const text of kept("state")) writer.add(encoder.row(text));
  await writer.begin("records");
  const forged = (forgery.records ?? ((same) => same))(records);
  for (const [index, record] of forged.entries()) writer.add(encoder.record(record), index + 1);
  await writer.begin("book");
  for (const text of kept("book")) writer.add(encoder.row(text));
  const listed = { ...manifest, chunks: [...(await writer.finish())] };
  await writer.finishWith((forgery.manifest ?? ((same) => same))(listed));
}
