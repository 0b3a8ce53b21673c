/** Opens the store: on a Postgres server when its URL is given, else on PGlite in the data folder. */

import { openPgliteFolder } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";
import type { Ports, Store } from "./store.ts";
import { storeOn } from "./store-on.ts";

export interface OpenOptions {
  readonly databaseUrl?: string | undefined;
  /** Not read when `databaseUrl` is given. */
  readonly dataFolder: string;
  readonly ports?: Ports;
}

/**
 * The schema is not touched: call `migrate`. A Postgres server that is down shows at the first use, not here.
 * @throws {FolderLocked} while another process has the folder open
 */
export async function openStore({ databaseUrl, dataFolder, ports }: OpenOptions): Promise<Store> {
  const database =
    databaseUrl === undefined ? await openPgliteFolder(dataFolder) : openPostgres(databaseUrl);
  return storeOn(database, ports);
}
