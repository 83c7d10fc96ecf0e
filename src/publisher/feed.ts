import { FileGuard } from "../store/file-guard.ts";
import type { WalletDb, WalletHead } from "../store/wallet.ts";
import { PublisherError } from "./errors.ts";
import { PageLog, type PageLogOptions } from "./page-log.ts";
import { WalCapture, type ChangedPages } from "./wal-capture.ts";

/**
 * One life of the page log over one open `wallet.db`: what commits there is released to replicas
 * here. Its name is in every sync path, so that a replica of another life is turned away.
 */
export class Feed {
  readonly epoch: number;
  readonly id: string;
  /** The file that it publishes. */
  readonly db: WalletDb;
  readonly log: PageLog;
  readonly #guard: FileGuard;
  readonly #capture: WalCapture;
  #head: WalletHead;

  private constructor(db: WalletDb, head: WalletHead, log: PageLog, capture: WalCapture) {
    this.epoch = head.epoch;
    this.id = head.feed;
    this.db = db;
    this.log = log;
    this.#guard = new FileGuard(db.path);
    this.#capture = capture;
    this.#head = head;
  }

  /**
   * Begins a feed on the file as it stands. `head` is written first: the file that replicas start
   * from names the feed they belong to.
   */
  static open(db: WalletDb, head: WalletHead, options: PageLogOptions): Feed {
    db.commit({ head, wallets: [], identities: [], refs: null });
    db.checkpoint();
    const capture = new WalCapture(`${db.path}-wal`);
    // Readers may keep the log from being emptied: what is still in it is in the image as well.
    capture.capture(nothing());
    return new Feed(db, head, new PageLog(db.image(), options), capture);
  }

  /** Throws WALLET_FILES_GONE when what is open is no longer what lies at the file's path. */
  checkFiles(): void {
    try {
      this.#guard.check();
    } catch (error) {
      throw new PublisherError("WALLET_FILES_GONE", "wallet.db was deleted or replaced", error);
    }
  }

  /** Path segment in front of the database's name. */
  get segment(): string {
    return `${this.epoch}-${this.id}`;
  }

  /** The head that replicas have been given. */
  get head(): WalletHead {
    return this.#head;
  }

  /** Releases what the commit that just returned wrote. */
  release(head: WalletHead): number {
    const changes = nothing();
    this.#capture.capture(changes);
    if (changes.pages.size === 0) {
      throw new PublisherError("WALLET_FILES_GONE", "a commit left nothing in its log");
    }
    this.#head = head;
    this.log.append(changes, head.seq);
    return changes.pages.size;
  }

  /** Turns every replica of this feed away. */
  close(): void {
    this.log.close();
    this.#capture[Symbol.dispose]();
  }
}

function nothing(): ChangedPages {
  return { pages: new Map(), size: 0 };
}
