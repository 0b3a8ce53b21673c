/** Talks to a running server as any integrator would, and tells a server that is away from one that says no. */

import type { z } from "@hono/zod-openapi";
import { problemSchema } from "../../http/schemas/problem.ts";

/** No answer, or one that says to come back: the same request may be sent again later. */
export class ServerAway extends Error {
  override readonly name = "ServerAway";
}

/** The server's answer is a refusal. */
export class ServerRefuses extends Error {
  override readonly name = "ServerRefuses";
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export interface Call<Body> {
  readonly path: string;
  readonly token: string;
  readonly schema: z.ZodType<Body>;
  /** Absent: GET. */
  readonly body?: unknown;
  readonly ifMatch?: number;
}

export interface Client {
  /** @throws {ServerAway} @throws {ServerRefuses} */
  readonly call: <Body>(call: Call<Body>) => Promise<Body>;
  readonly isReady: () => Promise<boolean>;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** @param send the platform's `fetch`, or an application that answers in this process */
export function createClient(url: string, send: Send = fetch): Client {
  return {
    call: async ({ path, token, schema, body, ifMatch }) => {
      const response = await reach(send, new URL(path, url), {
        method: body === undefined ? "GET" : "POST",
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.ok) return schema.parse(response.body);
      if (response.status === 503) throw new ServerAway("the server is not ready");
      const problem = problemSchema.safeParse(response.body);
      const { code, detail } = problem.success
        ? problem.data
        : { code: "unknown", detail: "the answer is not one of a Seven-step server" };
      throw new ServerRefuses(response.status, code, detail);
    },
    isReady: async () => {
      try {
        return (await reach(send, new URL("/readyz", url), {})).ok;
      } catch (error) {
        if (error instanceof ServerAway) return false;
        throw error;
      }
    },
  };
}

export type Send = (url: URL, init: RequestInit) => Promise<Response>;

interface Reached {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

/** `fetch` throws a TypeError for every failure of the network, and a DOMException when time is up. */
async function reach(send: Send, url: URL, init: RequestInit): Promise<Reached> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await send(url, { ...init, signal });
    const text = await response.text();
    return { ok: response.ok, status: response.status, body: parsed(text) };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    throw new ServerAway(`no answer from ${url.origin}`, { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
