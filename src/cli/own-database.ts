/** Opens the database that the environment names, with the keys of its persons, for a command that works beside its servers. */

import { createRebuild } from "../audit/rebuild.ts";
import { openKeystore } from "../keys/open-keystore.ts";
import { createLibrary, type Library } from "../runtime/definitions.ts";
import { createKeyring, type Keyring } from "../runtime/keyring.ts";
import { systemClock } from "../runtime/platform.ts";
import { tieKeystore } from "../runtime/tie-keystore.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { Environment } from "./environment.ts";

export interface OwnDatabase {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly close: () => Promise<void>;
}

/** @throws {FolderLocked} while a server has the folder open */
export async function ownDatabase(
  environment: Pick<Environment, "databaseUrl" | "dataFolder" | "distributed" | "keystore">,
): Promise<OwnDatabase> {
  const store = await openStore({ ...environment, ports: { rebuild: createRebuild() } });
  const keystore = openKeystore(environment.keystore);
  await store.migrate();
  await tieKeystore(keystore, store.keystore);
  const library = createLibrary(store);
  return {
    ...{ store, library, keyring: createKeyring(keystore, systemClock) },
    close: async () => {
      await store.close();
      await keystore.close();
    },
  };
}
