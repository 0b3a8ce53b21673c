/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { HistoryEntry, Verification } from "../schemas/history.ts";
import type { WorkOrder } from "../schemas/shared.ts";

export interface HistoryPaths {
  readonly "/v1/work-orders/{id}/history": {
    /** Read a work order's history, in order */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          /** only entries of later revisions; `nextCursor` goes here too */
          readonly after?: number;
          readonly limit?: number;
          /** `nextCursor` of the page before */
          readonly cursor?: string;
        };
        readonly header?: {
          /** With `max-stale=5` the answer may lack what happened in the last 5 seconds: it may come from a read replica, and `Age` then says how old it may be. At most an hour; a replica that is further behind is not asked. Without it every answer holds all that was acknowledged before */
          readonly "cache-control"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: HistoryEntry[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
        }; readonly "application/x-ndjson": string }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/work-orders/{id}/at": {
    /** Read a work order as it was, replayed from its history alone */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly revision?: number;
          readonly time?: string;
        };
        readonly header?: {
          /** With `max-stale=5` the answer may lack what happened in the last 5 seconds: it may come from a read replica, and `Age` then says how old it may be. At most an hour; a replica that is further behind is not asked. Without it every answer holds all that was acknowledged before */
          readonly "cache-control"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/work-orders/{id}/verify": {
    /** Replay and re-hash a work order's whole history; nothing is written */
    readonly post: {
      readonly parameters: {
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Verification }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/work-orders/{id}/evidence": {
    /** Take a work order's evidence: a file that verifies offline */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          /** which sealed values are opened in it: `visible`, all that the caller may see; `none`; or where they stand, as JSON Pointers into entries' payloads (with all below) or commitments, commas between */
          readonly disclose?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/x-ndjson": string }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid" | "disclosure-unknown">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"evidence-pending" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
