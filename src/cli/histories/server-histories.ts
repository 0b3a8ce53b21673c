/** Histories as a running server gives them to the holder of a token. */

import { isJsonObject } from "../../../machines/json.ts";
import { createClient, granted, type ClientOptions } from "../../client/client.ts";
import { historiesOf, type Pages } from "./histories-of.ts";
import type { Histories } from "./histories.ts";
import { serverDefinition } from "./server-definition.ts";
import { refusedBy, toldBy } from "./told-by.ts";

const LIMIT = 500;

export function serverHistories(access: Pick<ClientOptions, "url" | "token" | "fetch">): Histories {
  return historiesOf(pagesOf(access));
}

function pagesOf(access: Pick<ClientOptions, "url" | "token" | "fetch">): Pages {
  const { api, send } = createClient(access);
  return {
    lines: async (id, after) => {
      const path = `/v1/work-orders/${encodeURIComponent(id)}/history?after=${after}&limit=${LIMIT}`;
      const answer = await toldBy(() =>
        send(path, { headers: { accept: "application/x-ndjson" } }),
      );
      if (answer.status === 404) return null;
      if (!answer.ok) throw refusedBy(await answer.json());
      return (await answer.text()).split("\n").slice(0, -1);
    },
    payloads: async (id, after) => {
      const params = { path: { id }, query: { after, limit: LIMIT } };
      const answer = await toldBy(() => api.GET("/v1/work-orders/{id}/history", { params }));
      // A line that is no entry has no payload; what comes before it is given line by line.
      if (answer.error !== undefined) return [];
      return granted(answer).items.flatMap(({ revision, payload }) =>
        isJsonObject(payload) ? [{ revision, payload }] : [],
      );
    },
    orders: async (process, cursor) => {
      const query = { process, limit: LIMIT, ...(cursor === null ? {} : { cursor }) };
      const {
        items,
        damaged = [],
        nextCursor,
      } = await toldBy(async () =>
        granted(await api.GET("/v1/work-orders", { params: { query } })),
      );
      return { orders: items, damaged: damaged.map(({ detail }) => detail), nextCursor };
    },
    definition: (process, digest) => serverDefinition(api, process, digest),
    close: () => Promise.resolve(),
  };
}
