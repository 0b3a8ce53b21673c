/**
 * Routes that are asked very often: what zod-openapi lets a middleware each do, and Hono's own readers, is done in one
 * pass. Whether a request fits, and what is answered when it does not, is the same as of every other route.
 */

import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import type { HttpEnv, Routes } from "./context.ts";
import { headerOf } from "./header.ts";
import { refuseInvalid } from "./invalid-request.ts";
import { passed, type Wall } from "./walls.ts";

export interface LeanRoute<Params extends z.ZodType, Body extends z.ZodType> {
  /** One that takes a JSON body, and nothing from its headers but what its handler reads. */
  readonly route: RouteConfig & {
    readonly getRoutingPath: () => string;
    readonly request: {
      readonly params: Params;
      readonly query: z.ZodType;
      readonly body: {
        readonly content: { readonly "application/json": { readonly schema: Body } };
      };
    };
  };
  /** The last of them has read the body: `readSafely`. */
  readonly walls: readonly Wall[];
  readonly handler: (
    c: Context<HttpEnv, string>,
    request: { readonly params: z.output<Params>; readonly body: z.output<Body> },
  ) => Promise<Response>;
}

export function leanRoute<Params extends z.ZodType, Body extends z.ZodType>(
  routes: Routes,
  { route, walls, handler }: LeanRoute<Params, Body>,
): void {
  const { params, query, body } = route.request;
  const { schema } = body.content["application/json"];
  routes.openAPIRegistry.registerPath(route);
  routes.on(route.method, [route.getRoutingPath()], async (c) => {
    await passed(c, walls);
    if (c.req.url.includes("?")) fitting(c, query, "query", queryOf(c));
    const where = fitting(c, params, "param", c.req.param());
    return handler(c, { params: where, body: fitting(c, schema, "json", jsonOf(c)) });
  });
}

/** @throws {ProblemError} where it does not fit */
function fitting<Schema extends z.ZodType>(
  c: Context<HttpEnv, string>,
  schema: Schema,
  target: "query" | "param" | "json",
  data: unknown,
): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const refusal = { ...result, target, data };
  void refuseInvalid(refusal, c);
  throw new Error(`expected ${target} to be refused`);
}

/** One that stands once is no list. */
function queryOf(c: Context<HttpEnv, string>): object {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, all]) => [name, all.length === 1 ? all[0] : all]),
  );
}

/** @throws {HTTPException} 415 for another media type, 400 for what is no JSON */
function jsonOf(c: Context<HttpEnv, string>): unknown {
  const text = c.get("bodyText") ?? "";
  if (text === "") return {};
  if (!isJson(headerOf(c, "content-type") ?? "")) throw new HTTPException(415);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new HTTPException(400, { cause });
  }
}

function isJson(contentType: string): boolean {
  return contentType === "application/json" || JSON_TYPE.test(contentType);
}

const JSON_TYPE = /^application\/([a-z-.]+\+)?json(;\s*[a-z0-9-]+=[^;]+)*$/i;
