/** Histories from the database itself, beside its servers or without one; personal values are opened where their keys are. */

import type { Caller } from "../../runtime/engine.ts";
import { history, lines, list, type Reading } from "../../runtime/read.ts";
import type { Refused } from "../../runtime/refusal.ts";
import type { Environment } from "../environment.ts";
import { ownDatabase } from "../own-database.ts";
import { historiesOf, type Pages } from "./histories-of.ts";
import { NoHistories, type Histories } from "./histories.ts";

const LIMIT = 500;
/** Whoever holds the database and the keys reads what an admin reads. */
const OPERATOR: Caller = { sub: "operator", roles: ["admin"], centres: null };

/** @throws {FolderLocked} while a server has the folder open */
export async function ownHistories(environment: Environment): Promise<Histories> {
  const { store, library, keyring, close } = await ownDatabase(environment);
  return historiesOf({
    ...pagesOf({ store, library, keyring }),
    definition: async (_, digest) => (await store.definitions.byDigest(digest))?.canonical ?? null,
    close,
  });
}

function pagesOf(reading: Reading): Pick<Pages, "lines" | "payloads" | "orders"> {
  return {
    lines: async (id, after) => {
      const page = await lines(reading, OPERATOR, id, { after, limit: LIMIT });
      return page.kind === "ok" ? page.lines : nullWhenAbsent(page);
    },
    payloads: async (id, after) => {
      const page = await history(reading, OPERATOR, id, { after, limit: LIMIT });
      // A line that is no entry has no payload.
      return page.kind === "ok" ? page.items : [];
    },
    orders: async (process, cursor) => {
      const page = { limit: LIMIT, ...(cursor === null ? {} : { cursor }) };
      const found = await list(reading, OPERATOR, { process }, page);
      const damaged = found.damaged.map(({ message }) => message);
      return { orders: found.items, damaged, nextCursor: found.nextCursor };
    },
  };
}

function nullWhenAbsent({ code, detail }: Refused): null {
  if (code === "not-found") return null;
  throw new NoHistories(detail);
}
