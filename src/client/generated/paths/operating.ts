/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";

export interface OperatingPaths {
  readonly "/healthz": {
    /** Whether the process lives */
    readonly get: {
      readonly parameters: {};
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly status: string;
        } }>;
        readonly 422: Refusal<"request-invalid">;
      };
    };
  };
  readonly "/readyz": {
    /** Whether the database answers and its migrations are done */
    readonly get: {
      readonly parameters: {};
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly status: string;
        } }>;
        readonly 422: Refusal<"request-invalid">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"database-unavailable" | "shutting-down">;
      };
    };
  };
  readonly "/problems/{code}": {
    /** What a problem code means: where the `type` of a problem leads */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly code: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly code: string;
          readonly status: number;
          readonly title: string;
          readonly retryable: boolean;
        } }>;
        readonly 404: Refusal<"not-found">;
        readonly 422: Refusal<"request-invalid">;
      };
    };
  };
  readonly "/metrics": {
    /** What this server counts, for Prometheus */
    readonly get: {
      readonly parameters: {};
      readonly responses: {
        readonly 200: Answer<{ readonly "text/plain": string }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 422: Refusal<"request-invalid">;
      };
    };
  };
}
