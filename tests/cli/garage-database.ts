/** A data folder with an order or two of the garage, as a server would have left it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { ownDatabase } from "../../src/cli/own-database.ts";
import { readEnvironment } from "../../src/cli/environment.ts";
import { createChange } from "../../src/runtime/change.ts";
import { create } from "../../src/runtime/create.ts";
import { createDefinitions } from "../../src/runtime/definitions.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { send } from "../../src/runtime/send.ts";
import { ADMIN, granted } from "../runtime/engine.ts";
import { GARAGE } from "../runtime/garage.ts";

const GARAGE_2 = GARAGE.replace("version: 1.0.0", "version: 2.0.0")
  .replaceAll("doing", "busy")
  .replace(
    "broken: { type: boolean, default: false } }",
    "broken: { type: boolean, default: false }, lane: { type: string } }",
  );

export interface Folder {
  readonly path: string;
  /** Ids of new orders, each having come along a road of events. */
  readonly drive: (roads: readonly (readonly string[])[]) => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** The environment names the folder until the test's end. */
export async function garageFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "sevenstep-garage-"));
  vi.stubEnv("SEVENSTEP_DATA", path);
  vi.stubEnv("DATABASE_URL", "");
  return {
    path,
    drive: async (roads) => {
      const database = await ownDatabase(readEnvironment(process.env));
      const { store, library } = database;
      const random = systemRandom;
      const ports = { ...database, random, clock: systemClock, wake: () => {} };
      const change = createChange(store, library, ports);
      const definitions = createDefinitions(store);
      for (const text of [GARAGE, GARAGE_2]) {
        granted(await definitions.publish(ADMIN, { text, format: "yaml" }));
      }
      const ids: string[] = [];
      for (const road of roads) {
        const asked = { process: "garage", version: "1.0.0" };
        const { id } = granted(await create(ports, ADMIN, asked, {})).order;
        ids.push(id);
        for (const type of road) {
          const event = { type, payload: {} };
          granted(
            await send(
              { ...ports, change },
              { caller: ANYBODY, id, event, options: {}, write: true },
            ),
          );
        }
      }
      await database.close();
      return ids;
    },
    remove: async () => {
      vi.unstubAllEnvs();
      await rm(path, { recursive: true, force: true });
    },
  };
}

const ANYBODY = { sub: "al", roles: ["advisor", "technician", "customer"], centres: null };
