/** Asks a server over HTTP as an integrator would, and reads its answers by the contract's own schemas. */

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { historyEntry, verification } from "../../src/http/schemas/history.ts";
import { pageOf } from "../../src/http/schemas/common.ts";
import { workOrder } from "../../src/http/schemas/work-order.ts";

export type WorkOrder = z.infer<typeof workOrder>;
export type HistoryEntry = z.infer<typeof historyEntry>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Ask {
  /** A string is sent as it is, everything else as its JSON. Absent: GET. */
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
}

/** @throws TypeError when the server gives no answer */
export type Api = (path: string, ask?: Ask) => Promise<Answer>;

/**
 * Who is told that too many ask at once comes again when that is asked of it: nothing was done, and on a slow machine
 * many are told so.
 *
 * @param url read at each request: a server that was started again listens elsewhere
 */
export function apiOf(url: () => string, token: string): Api {
  return async (path, { body, headers = {} } = {}) => {
    for (;;) {
      const response = await fetch(new URL(path, url()), {
        method: body === undefined ? "GET" : "POST",
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status } = response;
      const answer = {
        status,
        headers: response.headers,
        body: text === "" ? null : JSON.parse(text),
      };
      if (!overloaded.safeParse(answer.body).success) return answer;
      await sleep(Number(response.headers.get("retry-after")) * 1_000);
    }
  };
}

const overloaded = z.object({ status: z.literal([429, 503]), code: z.literal("overloaded") });

/** @throws when the answer is not a 2xx, with what it says */
export function granted<Body>(schema: z.ZodType<Body>, { status, body }: Answer): Body {
  if (status >= 300) throw new Error(`expected 2xx, found ${status}: ${JSON.stringify(body)}`);
  return schema.parse(body);
}

export async function publish(api: Api, definition: string): Promise<void> {
  const headers = { "Content-Type": "application/yaml" };
  granted(z.unknown(), await api("/v1/definitions", { body: definition, headers }));
}

export async function create(api: Api, body: object): Promise<WorkOrder> {
  return granted(workOrder, await api("/v1/work-orders", { body }));
}

export async function view(api: Api, id: string): Promise<WorkOrder> {
  return granted(workOrder, await api(`/v1/work-orders/${id}`));
}

export async function send(
  api: Api,
  id: string,
  type: string,
  payload: object = {},
): Promise<WorkOrder> {
  return granted(workOrder, await api(`/v1/work-orders/${id}/events`, { body: { type, payload } }));
}

export async function isAny(api: Api, filter: Record<string, string>): Promise<boolean> {
  const query = new URLSearchParams({ ...filter, limit: "1" });
  const { items } = granted(orders, await api(`/v1/work-orders?${query}`));
  return items.length > 0;
}

/** All of it, page by page. */
export async function history(api: Api, id: string): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (;;) {
    const path = `/v1/work-orders/${id}/history?after=${entries.length}&limit=500`;
    const { items, nextCursor } = granted(entryPage, await api(path));
    entries.push(...items);
    if (nextCursor === null) return entries;
  }
}

export async function verify(api: Api, id: string): Promise<z.infer<typeof verification>> {
  return granted(verification, await api(`/v1/work-orders/${id}/verify`, { body: "" }));
}

const orders = pageOf(workOrder);
const entryPage = pageOf(historyEntry);
