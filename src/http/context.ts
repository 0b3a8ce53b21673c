/** What every route gets: the ports of the application, and who calls. */

import type { Logger } from "pino";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Caller, Engine } from "../runtime/engine.ts";
import type { TokenReader } from "./token.ts";

/** `starting`: until the database is reached, migrated and filled. `stopping`: what is under way ends, nothing begins. */
export type Stage = "starting" | "serving" | "stopping";

export interface AppPorts {
  readonly engine: Engine;
  readonly readToken: TokenReader;
  readonly log: Logger;
  /** The product's version, for the OpenAPI document. */
  readonly version: string;
  readonly stage: () => Stage;
  /** Requests that may be under way at once; more are told to come back. */
  readonly maxConcurrent: number;
}

export interface HttpEnv {
  readonly Variables: {
    /** Set on every route under `/v1`. */
    caller: Caller;
    requestId: string;
  };
}

export type Routes = OpenAPIHono<HttpEnv>;
