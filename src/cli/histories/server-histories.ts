/** Histories as a running server gives them to the holder of a token. */

import { canonicalText, digestOf } from "../../../machines/document/canonical.ts";
import { isJsonObject } from "../../../machines/json.ts";
import {
  createClient,
  granted,
  NoAnswerError,
  ProblemError,
  type ClientOptions,
} from "../../client/client.ts";
import { historiesOf, type Pages } from "./histories-of.ts";
import { NoHistories, type Histories } from "./histories.ts";

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
    definition: async (process, digest) => {
      const version = await versionOf(process, digest);
      if (version === null) return null;
      const path = { process, version };
      const document = await toldBy(async () =>
        granted(await api.GET("/v1/definitions/{process}/{version}", { params: { path } })),
      );
      const canonical = isJsonObject(document) ? canonicalText(document) : "";
      return digestOf(canonical) === digest ? canonical : null;
    },
    close: () => Promise.resolve(),
  };

  async function versionOf(process: string, digest: string, from?: string): Promise<string | null> {
    const query = from === undefined ? {} : { cursor: from };
    const params = { path: { process }, query };
    const { items, nextCursor } = await toldBy(async () =>
      granted(await api.GET("/v1/definitions/{process}", { params })),
    );
    const found = items.find((each) => each.digest === digest);
    if (found !== undefined) return found.version;
    return nextCursor === null ? null : versionOf(process, digest, nextCursor);
  }
}

/** @throws {NoHistories} when nobody answers, or the token's holder is refused */
async function toldBy<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof ProblemError) throw new NoHistories(error.problem.detail);
    if (error instanceof NoAnswerError) throw new NoHistories(error.message);
    throw error;
  }
}

function refusedBy(answer: unknown): NoHistories {
  const detail = isJsonObject(answer) ? answer["detail"] : undefined;
  return new NoHistories(typeof detail === "string" ? detail : "the server gives no history");
}
