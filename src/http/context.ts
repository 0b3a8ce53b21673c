/** What every route gets: the ports of the application, and who calls. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Caller, Engine } from "../runtime/engine.ts";
import type { Clock } from "../runtime/ports.ts";
import type { Said } from "./answer.ts";
import type { Metrics } from "./metrics.ts";
import type { Place, Places } from "./places.ts";
import type { AddressBlock } from "./remote-address.ts";
import type { StreamLimits } from "./stream-places.ts";
import type { Rate } from "./token-bucket.ts";
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
  readonly clock: Clock;
  /** Aborts when the server stops: answers that would go on for long end then. */
  readonly stopping: AbortSignal;
  /** For requests that are under way at once; those without one are told to come back. */
  readonly places: Places;
  readonly streamLimits?: StreamLimits;
  readonly exportLimits?: StreamLimits;
  /** What the operator decided about the edge; what is absent is off. */
  readonly edge?: EdgeOptions;
  /** Absent: nothing is counted. */
  readonly metrics?: Metrics;
  /** Absent: nothing is traced. */
  readonly traces?: MiddlewareHandler<HttpEnv>;
}

export interface EdgeOptions {
  /** Of each caller, on this server. */
  readonly rate?: Rate;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly AddressBlock[];
  /** Pages of these origins may call the API from a browser. */
  readonly corsOrigins?: readonly string[];
  /** Seconds for which a browser shall come by HTTPS only. */
  readonly hstsSeconds?: number;
  /** Who reads the metrics must send it; absent: everyone may. */
  readonly metricsToken?: string;
}

export interface HttpEnv {
  /** Absent where an application is asked without a socket. */
  readonly Bindings: {
    readonly incoming?: Pick<IncomingMessage, "complete" | "destroyed"> &
      Partial<
        Pick<IncomingMessage, "headers" | "read" | "readableDidRead" | "readableLength" | "resume">
      > & {
        readonly socket: { readonly remoteAddress?: string | undefined };
      };
    readonly outgoing?: Pick<ServerResponse, "destroy" | "once">;
  };
  readonly Variables: {
    /** Set on every route under `/v1`. */
    caller: Caller;
    requestId: string;
    /** What the request holds while it is under way. */
    place?: Place;
    /** Headers that the answer will have: see answer.ts. */
    said: Said;
    /** An answer that has them. */
    answered?: Response;
    /** The answer goes on until somebody ends it. */
    isStream?: boolean;
    /** The body, read and found safe to parse. */
    bodyText?: string;
  };
}

export type Routes = OpenAPIHono<HttpEnv>;
