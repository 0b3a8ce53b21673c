/** A definition by its digest, as a server gives it to the holder of a token. */

import { canonicalText, digestOf } from "../../../machines/document/canonical.ts";
import { isJsonObject } from "../../../machines/json.ts";
import { granted, type createClient } from "../../client/client.ts";
import { toldBy } from "./told-by.ts";

type Api = ReturnType<typeof createClient>["api"];

/** Its canonical text; null: no version of the process has this digest. */
export async function serverDefinition(
  api: Api,
  process: string,
  digest: string,
): Promise<string | null> {
  const version = await versionOf(api, process, digest);
  if (version === null) return null;
  const path = { process, version };
  const document = await toldBy(async () =>
    granted(await api.GET("/v1/definitions/{process}/{version}", { params: { path } })),
  );
  const canonical = isJsonObject(document) ? canonicalText(document) : "";
  return digestOf(canonical) === digest ? canonical : null;
}

async function versionOf(
  api: Api,
  process: string,
  digest: string,
  from?: string,
): Promise<string | null> {
  const query = from === undefined ? {} : { cursor: from };
  const params = { path: { process }, query };
  const { items, nextCursor } = await toldBy(async () =>
    granted(await api.GET("/v1/definitions/{process}", { params })),
  );
  const found = items.find((each) => each.digest === digest);
  if (found !== undefined) return found.version;
  return nextCursor === null ? null : versionOf(api, process, digest, nextCursor);
}
