/** Which published definitions know an event, and which fields of their data a message may be correlated by. */

import { createLru } from "../audit/lru.ts";
import { sendersOf } from "../../machines/compile/vocabulary.ts";
import { documentOf } from "../../machines/document/canonical.ts";
import { shapeOf } from "../../machines/document/check-shape.ts";
import type { CelType } from "../../machines/expression/cel-type.ts";
import { typeOfSchema } from "../../machines/expression/schema-type.ts";
import { isJsonObject } from "../../machines/json.ts";
import type { Store } from "../store/store.ts";

/** What a message needs to know of one definition. */
export interface Listener {
  readonly digest: string;
  /** Roles that may send the event; null: every caller. */
  readonly by: readonly string[] | null;
  /** `sealed`: it holds personal data, or stands in some; `unknown`: no order has such a field. */
  readonly fieldAt: (path: readonly string[]) => "open" | "sealed" | "unknown";
}

/** Every published definition in which somebody may send the event. */
export type MessageCatalogue = (
  store: Pick<Store, "definitions">,
  event: string,
) => Promise<readonly Listener[]>;

interface Entry {
  readonly senders: ReadonlyMap<string, readonly string[] | null>;
  readonly data: CelType;
}

const REMEMBERED = 10_000;
/** A published definition never changes, so what was read of it once is remembered. */
export function createMessageCatalogue(): MessageCatalogue {
  const entries = createLru<string, Entry>(REMEMBERED);
  return async ({ definitions }, event) => {
    const found: Listener[] = [];
    for (const digest of await definitions.digests()) {
      const entry = entries.get(digest) ?? (await read(definitions, digest));
      entries.set(digest, entry);
      const by = entry.senders.get(event);
      if (by === undefined || by?.length === 0) continue;
      found.push({ digest, by, fieldAt: (path) => fieldAt(entry.data, path) });
    }
    return found;
  };
}

async function read(definitions: Store["definitions"], digest: string): Promise<Entry> {
  const stored = await definitions.byDigest(digest);
  const shape = stored === null ? null : shapeOf(documentOf(stored.canonical));
  if (shape?.kind !== "whole") throw new Error(`Expected the definition ${digest}, found none.`);
  const { document } = shape;
  const schema = isJsonObject(document.data) ? document.data : {};
  return { senders: sendersOf(document), data: typeOfSchema({ type: "object", ...schema }) };
}

function fieldAt(data: CelType, path: readonly string[]): "open" | "sealed" | "unknown" {
  let at = data;
  for (const key of path) {
    const holder: CelType = at.kind === "nullable" ? at.of : at;
    if (holder.kind === "sealed" || holder.kind === "dyn") break;
    const field = holder.kind === "object" ? (holder.fields.get(key) ?? holder.rest) : null;
    if (field === null) return "unknown";
    at = field;
  }
  return at.kind === "sealed" ? "sealed" : "open";
}
