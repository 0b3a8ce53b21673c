/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { EventLog, Checkpoint, LogKey, LogConsistency } from "../schemas/audit.ts";

export interface AuditPaths {
  readonly "/v1/audit/export": {
    /** Export the histories of all orders that began in a period */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly format?: "ocel2" | "xes" | "ndjson";
          /** orders created at this instant or later */
          readonly from?: string;
          /** and before this one */
          readonly to?: string;
          readonly process?: string;
          readonly centre?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": EventLog; readonly "application/xml": string; readonly "application/x-ndjson": string }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/checkpoints": {
    /** List the log's checkpoints, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly limit?: number;
          /** `nextCursor` of the page before: a size */
          readonly cursor?: number;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Checkpoint[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
        } }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/log-keys": {
    /** List the keys that signed the log, oldest first */
    readonly get: {
      readonly parameters: {};
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          /** The last one is the current one */
          readonly items: LogKey[];
        } }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/log-consistency": {
    /** Prove that the log only grew between two checkpoints */
    readonly get: {
      readonly parameters: {
        readonly query: {
          readonly from: number;
          readonly to: number;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": LogConsistency }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
