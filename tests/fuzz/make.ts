/** Makes the request that was drawn: ids of earlier answers filled in, its body spoilt, or the step that an honest client would take. */

import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";
import { sampleOf } from "../support/openapi/sample.ts";
import { authorizationOf } from "./callers.ts";
import { FIRST_ORDERS } from "./furnished.ts";
import type { Pool } from "./pool.ts";
import type { Drawn, Who } from "./requests.ts";
import { spoil } from "./spoil.ts";
import { POOLED } from "./values.ts";

export interface Made {
  readonly url: string;
  readonly init: RequestInit;
}

export interface Surroundings {
  readonly document: OpenApiDocument;
  readonly pool: Pool;
  readonly view: (orderId: string, who: Who) => Promise<JsonObject | null>;
}

export async function made(drawn: Drawn, surroundings: Surroundings): Promise<Made> {
  const { pool } = surroundings;
  const { body, choice, path: template, method } = drawn;
  const filled = (name: string, text: string, at: number): string =>
    text === POOLED ? pool.pick(name, template, choice + at) : text;
  let place = 0;
  let path = template.replaceAll(/\{(\w+)\}/g, (_whole, name) => {
    const text = filled(name, drawn.variables[name] ?? POOLED, 0);
    return drawn.variables[name] === POOLED ? encodeURIComponent(text) : text;
  });
  const query = drawn.query
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(filled(name, value, (place += 1)))}`,
    )
    .join("&");
  let who = drawn.who;
  let content: Uint8Array<ArrayBuffer> | null = null;
  let type = "";
  if (body?.kind === "bytes") ({ bytes: content, type } = body);
  if (body?.kind === "value") {
    ({ type } = body);
    content = spoil(filledIn(body.value, filled), body.spoilt, type);
  }
  if (body?.kind === "honest") {
    const step = await honestStep(drawn, surroundings);
    type = "application/json";
    content = spoil(step.body, "no", type);
    ({ path, who } = step);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(drawn.headers)) headers.set(name, latin1(value));
  if (content !== null && type !== "") headers.set("Content-Type", type);
  const authorization = await authorizationOf(who);
  if (authorization !== null) headers.set("Authorization", authorization);
  const isBodiless = method === "GET" || content === null;
  return {
    url: query === "" ? path : `${path}?${query}`,
    init: { method, headers, ...(isBodiless ? {} : { body: content }) },
  };
}

/** Headers are bytes; what is beyond them can't be sent at all. */
function latin1(value: string): string {
  return value.replaceAll(/[^\t\x20-\xff]/g, "?");
}

function filledIn(
  value: Json,
  filled: (name: string, text: string, at: number) => string,
  name = "",
): Json {
  if (typeof value === "string") return filled(name, value, name.length);
  if (isJsonArray(value)) return value.map((each) => filledIn(each, filled, name));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      // A claim may wait for jobs; a fuzzer has no patience.
      key === "waitSeconds" && typeof member === "number" && member > 0
        ? 0
        : filledIn(member, filled, key),
    ]),
  );
}

interface Step {
  readonly path: string;
  readonly body: JsonObject;
  readonly who: Who;
}

/** Looks at an order as somebody who may do something with it, and does what is offered. */
async function honestStep(drawn: Drawn, world: Surroundings): Promise<Step> {
  const { document, pool, view } = world;
  const { choice, path, operationId } = drawn;
  const [process, data] = FIRST_ORDERS[choice % FIRST_ORDERS.length] ?? ["none", {}];
  if (operationId === "createWorkOrder") return { path, body: { process, data }, who: "admin" };
  const id = pool.pick("id", path, choice);
  const roles = listOf(pool.order(id), "enabled", "blocked").flatMap(({ by }) =>
    isJsonArray(by ?? null) && Array.isArray(by) ? by.map(String) : [],
  );
  const who = WHO_OF[roles[choice % Math.max(1, roles.length)] ?? ""] ?? "admin";
  const enabled = listOf(await view(id, who), "enabled");
  const chosen = enabled[choice % Math.max(1, enabled.length)];
  const payload = chosen === undefined ? {} : sampleOf(document, chosen["payloadSchema"]);
  const body = { type: chosen?.["event"] ?? "NONE", payload: isJsonObject(payload) ? payload : {} };
  return { path: path.replace("{id}", id), body, who };
}

function listOf(order: JsonObject | null, ...names: readonly string[]): readonly JsonObject[] {
  return names.flatMap((name) => {
    const list = order?.[name] ?? null;
    return isJsonArray(list) ? list.filter((each) => isJsonObject(each)) : [];
  });
}

const WHO_OF: { readonly [role: string]: Who } = {
  ...{ sender: "sender", courier: "courier", receiver: "receiver", advisor: "advisor" },
  ...{ customer: "customer", technician: "technician", lead: "lead", manager: "manager" },
  runner: "runner",
};
