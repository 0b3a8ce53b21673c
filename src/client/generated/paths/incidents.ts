/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { Incident, RetryIncident, ResolveIncident } from "../schemas/incidents.ts";
import type { WorkOrder } from "../schemas/shared.ts";

export interface IncidentsPaths {
  readonly "/v1/incidents": {
    /** List incidents, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly status?: "open" | "closed";
          /** UUID; version 7 when the server drew it */
          readonly order?: string;
          readonly process?: string;
          readonly centre?: string;
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Incident[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
        } }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/incidents/{id}": {
    /** Read an incident */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Incident }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/incidents/{id}/retry": {
    /** Try the timer or the job again at once */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** The `ETag` of the order that the caller has seen */
          readonly "if-match"?: string;
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": RetryIncident;
        };
      };
      readonly responses: {
        readonly 204: Answer<undefined>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"incident-closed" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 412: Refusal<"revision-mismatch">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/incidents/{id}/resolve": {
    /** Go on without it: a job is completed with the output, a timer is given up */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** The `ETag` of the order that the caller has seen */
          readonly "if-match"?: string;
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": ResolveIncident;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"incident-closed" | "invariant-violated" | "expression-failed" | "item-exists" | "step-unbounded" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 412: Refusal<"revision-mismatch">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "payload-invalid" | "data-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
