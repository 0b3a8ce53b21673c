/** Opens the keystore that the operator chose: a folder of this machine, or a Postgres server beside the orders'. */

import { join } from "node:path";
import type { Keystore } from "../runtime/keystore.ts";
import { createKeystore } from "./create-keystore.ts";
import { folderRecords } from "./folder-records.ts";
import type { KeyRecords } from "./key-records.ts";
import { masterSecretIn, type MasterSecret } from "./master-secret.ts";
import { postgresRecords } from "./postgres-records.ts";

export interface KeystorePlan {
  /** A folder's path, or a `postgres:` URL. */
  readonly place: string;
  /** Holds the master secret; absent: one that the first server makes. */
  readonly secretFile?: string | undefined;
  readonly dataFolder: string;
}

/** Touches nothing before `prepare`. */
export function openKeystore(plan: KeystorePlan): Keystore {
  const { records, master } = keystoreParts(plan);
  return createKeystore(records, master);
}

/** @returns what a keystore is made of, for those who exchange its secrets */
export function keystoreParts({ place, secretFile, dataFolder }: KeystorePlan): {
  readonly records: KeyRecords;
  readonly master: MasterSecret;
} {
  const isServer = /^postgres(ql)?:/.test(place);
  const own = isServer ? join(dataFolder, "keystore-secret") : join(place, "secret");
  return {
    records: isServer ? postgresRecords(place) : folderRecords(place),
    master: masterSecretIn(secretFile ?? own, secretFile === undefined),
  };
}
