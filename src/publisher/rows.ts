import { StateDigest, type WalletRow as DigestWallet, PlayerStatus } from "../ledger/index.ts";
import type {
  IdentityRow as IdentityMessage,
  WalletRow as WalletMessage,
} from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import { balanceFrom, safeNumber } from "../wire/index.ts";
import type { IdentityRow, WalletDb, WalletRow } from "../store/wallet.ts";

const STATUSES: ReadonlySet<number> = new Set(Object.values(PlayerStatus));

/** A row as the state digest takes it. Throws a RangeError for a status nobody has. */
export function digestRow(row: WalletRow): DigestWallet {
  if (!STATUSES.has(row.status)) throw new RangeError(`a player can't have status ${row.status}`);
  return row as DigestWallet;
}

/** The digest of every row of a file. */
export function digestOf(db: WalletDb): StateDigest {
  const digest = new StateDigest();
  for (const row of db.wallets()) digest.add(digestRow(row));
  for (const row of db.identities()) digest.add(row);
  return digest;
}

/** A row of the primary's state. Throws when it can't be one. */
export function walletFrom(message: WalletMessage): WalletRow {
  if (message.balance === undefined) throw new TypeError("a wallet row without a balance");
  const row = {
    operatorId: message.operatorId,
    playerRef: message.playerRef,
    status: message.status,
    ...balanceFrom(message.balance),
    seq: safeNumber(message.seq),
  };
  return digestRow(row);
}

/** An identity row of the primary's state. Throws when it can't be one. */
export function identityFrom(message: IdentityMessage): IdentityRow {
  if (message.identity === undefined) throw new TypeError("an identity row without an identity");
  const { keyId, hash } = message.identity;
  return { operatorId: message.operatorId, keyId, hash, playerRef: message.playerRef };
}
