/** Opens the store: on a Postgres server when its URL is given, else on PGlite in the data folder. */

import type { ClaimedFolder } from "./claim-folder.ts";
import { openPgliteFolder } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";
import type { Ports, Store } from "./store.ts";
import { storeOn } from "./store-on.ts";

export interface OpenOptions {
  readonly databaseUrl?: string | undefined;
  /** Not read when `databaseUrl` is given. */
  readonly dataFolder: string;
  /** The data folder, when it was claimed before. */
  readonly claimed?: Promise<ClaimedFolder> | undefined;
  /** Whether the server is a Citus coordinator that has its orders on several machines. */
  readonly distributed?: boolean | undefined;
  readonly ports?: Ports;
}

/**
 * The schema is not touched: call `migrate`. A Postgres server that is down shows at the first use, not here.
 * @throws {FolderLocked} while another process has the folder open
 */
export async function openStore(options: OpenOptions): Promise<Store> {
  const { databaseUrl, dataFolder, claimed, distributed: isDistributed = false, ports } = options;
  const database =
    databaseUrl === undefined
      ? await openPgliteFolder(dataFolder, claimed)
      : openPostgres(databaseUrl);
  return storeOn(database, ports, { isDistributed });
}
