/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";

export interface StreamsPaths {
  readonly "/v1/work-orders/{id}/stream": {
    /** Follow one work order: its entries, and each further one as it comes */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          /** only later revisions; absent: all */
          readonly after?: number;
        };
        readonly header?: {
          /** the `id` of the last event that was read; goes before `after` */
          readonly "last-event-id"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "text/event-stream": string }>;
        readonly 204: Answer<undefined>;
        readonly 400: Refusal<"header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid" | "position-unknown">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/stream": {
    /** Follow all work orders that the token reaches */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          /** only later positions; 0: everything; absent: from now on */
          readonly after?: number;
          readonly process?: string;
          readonly centre?: string;
        };
        readonly header?: {
          /** the `id` of the last event that was read; goes before `after` */
          readonly "last-event-id"?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "text/event-stream": string }>;
        readonly 400: Refusal<"header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 410: Refusal<"order-detached">;
        readonly 422: Refusal<"request-invalid" | "position-unknown">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
