/**
 * Runs the house: locks the folder, starts the processes in order, keeps dev.json true, and ends
 * them in an order that loses nothing.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { API_KEYS, ensureDevKeys, GUEST, type Keys } from "../../access/index.ts";
import { EXIT, type ExitCode, type Logger, OperatorError } from "../../ops/index.ts";
import { type FolderLock, openLock } from "../../store/lock.ts";
import { SupervisedChild } from "./child.ts";
import { type DevFile, removeDevFile, writeDevFile } from "./dev-file.ts";
import { readSyncUrl } from "./feed.ts";
import { FEED_POLL_MS, READY_POLL_MS, START_MS_MAX } from "./limits.ts";
import { apiRoot, type ChildRole, type DevOptions, planChildren } from "./plan.ts";
import { checkPorts } from "./ports.ts";
import { RealBotPoller } from "./real-bot.ts";
import { refuseSealed } from "./sealed.ts";
import { welcomeText } from "./welcome.ts";

export class Supervisor {
  /** Resolves with an exit code when the house can't go on. */
  readonly fatal: Promise<ExitCode>;
  readonly #end: (code: ExitCode) => void;
  readonly #options: DevOptions;
  readonly #log: Logger;
  #lock: FolderLock | undefined;
  #keys: Keys | undefined;
  #children: readonly SupervisedChild[] = [];
  #poller: RealBotPoller | undefined;
  #syncUrl = "";
  #written = "";
  #writing: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(options: DevOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<ExitCode>();
    this.fatal = promise;
    this.#end = resolve;
  }

  get stopping(): boolean {
    return this.#stopped !== undefined;
  }

  /** Starts everything and returns when all are ready. */
  async start(): Promise<void> {
    const options = this.#options;
    this.#lock = takeLock(options.dataDir);
    await removeDevFile(options.dataDir);
    refuseSealed(options.dataDir);
    const regions = options.edges.map((edge) => edge.region);
    this.#keys = await ensureDevKeys(options.keysDir, regions, [GUEST]);
    const plans = planChildren(options, this.#telegram());
    await checkPorts(options.host, plans);
    this.#children = plans.map((plan) => new SupervisedChild(plan, this.#log, {
      onReady: () => void this.#publish(),
      onFatal: (exit) => this.#fenced(exit.code),
    }));
    if (options.realToken !== undefined) {
      this.#poller = new RealBotPoller(options, this.#telegram(), this.#log);
      await this.#poller.check();
    }
    await this.#of("primary")[0]!.start();
    if (this.stopping) return;
    await Promise.all(this.#children.slice(1).map((child) => child.start()));
    await this.#firstFeed();
    if (this.stopping) return;
    await this.#publish();
    this.#poller?.start();
    void this.#followFeed();
    process.stdout.write(welcomeText(options, process.stdout.isTTY === true));
  }

  /** Edges first, so that nothing new comes in; the primary last, when nobody needs it. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#poller?.stop();
    const stopAll = (role: ChildRole): Promise<unknown> =>
      Promise.all(this.#of(role).map((child) => child.stop()));
    await stopAll("edge");
    await Promise.all([stopAll("publisher"), stopAll("search")]);
    await stopAll("primary");
    await stopAll("telegram");
    await this.#writing;
    if (this.#lock === undefined) return;
    await removeDevFile(this.#options.dataDir);
    this.#lock.release();
  }

  #of(role: ChildRole): readonly SupervisedChild[] {
    return this.#children.filter((child) => child.plan.role === role);
  }

  #fenced(code: number | null): void {
    process.stderr.write(
      "The primary has stopped for good: another writer has taken over, or the book doesn't " +
        "hold together. What it said stands above.\n",
    );
    this.#end(code === EXIT.integrity ? EXIT.integrity : EXIT.failed);
  }

  /** Token and secret of the bot: the real one's, or the stand-in's. */
  #telegram(): { token: string; secret: string } {
    const { token, secret } = this.#keys!.telegram;
    return { token: this.#options.realToken ?? token, secret };
  }

  async #firstFeed(): Promise<void> {
    for (let waited = 0; !this.stopping; waited += READY_POLL_MS) {
      this.#syncUrl = await readSyncUrl(this.#options.publisher.url) ?? "";
      if (this.#syncUrl !== "") return;
      if (waited > START_MS_MAX) {
        throw new OperatorError("FEED_MISSING", "the publisher names no feed", {
          hint: "look at what the publisher said above",
        });
      }
      await sleep(READY_POLL_MS);
    }
  }

  async #followFeed(): Promise<void> {
    while (!this.stopping) {
      await sleep(FEED_POLL_MS, undefined, { ref: false });
      const url = await readSyncUrl(this.#options.publisher.url);
      if (url !== undefined && url !== this.#syncUrl) await this.#publish();
    }
  }

  /** Writes dev.json when it would say something new, one write at a time. */
  #publish(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.stopping) return;
      this.#syncUrl = await readSyncUrl(this.#options.publisher.url) ?? this.#syncUrl;
      const content = this.#content();
      const text = JSON.stringify(content);
      if (text === this.#written) return;
      await writeDevFile(this.#options.dataDir, content);
      this.#written = text;
    }).catch((error: unknown) => this.#log.error("dev.json can't be written", { error }));
    return this.#writing;
  }

  #content(): DevFile {
    const options = this.#options;
    const keys = this.#keys!;
    const pid = (role: ChildRole): number => this.#of(role)[0]!.pid;
    const apiKeys = Object.fromEntries(API_KEYS.map((name) => [name, keys.token(`api-${name}`)]));
    return {
      primary: options.primary.url,
      publisher: options.publisher.url,
      search: options.search.url,
      edges: this.#of("edge").map((child, index) => ({
        region: options.edges[index]!.region, url: child.plan.url, pid: child.pid,
      })),
      telegram: { api: apiRoot(options), ...this.#telegram() },
      api_keys: apiKeys as DevFile["api_keys"],
      replica: { sync_url: this.#syncUrl, auth_token: keys.token(`edge-${GUEST}`) },
      pids: { primary: pid("primary"), publisher: pid("publisher"), search: pid("search") },
    };
  }
}

function takeLock(dataDir: string): FolderLock {
  return openLock(join(dataDir, "supervisor.db"), "dev");
}
