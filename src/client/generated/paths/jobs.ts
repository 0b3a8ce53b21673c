/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { ClaimJobs, ClaimedJobs, ExtendJob, Lease, Job, CompleteJob, FailJob } from "../schemas/jobs.ts";
import type { WorkOrder } from "../schemas/shared.ts";

export interface JobsPaths {
  readonly "/v1/jobs/claim": {
    /** Claim jobs, the oldest first; wait for one when there is none */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": ClaimJobs;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": ClaimedJobs }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/jobs/{id}/extend": {
    /** Keep a job for longer */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": ExtendJob;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Lease }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"job-unknown" | "lease-lost" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/jobs": {
    /** List open jobs, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly type?: string;
          readonly state?: "open" | "leased" | "failed";
          /** UUID; version 7 when the server drew it */
          readonly order?: string;
          readonly process?: string;
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Job[];
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
  readonly "/v1/jobs/{id}": {
    /** Read an open job */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Job }>;
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
  readonly "/v1/jobs/{id}/complete": {
    /** Complete a job with its output */
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
          readonly "application/json": CompleteJob;
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
        readonly 409: Refusal<"job-unknown" | "lease-lost" | "invariant-violated" | "expression-failed" | "item-exists" | "step-unbounded" | "idempotency-in-progress">;
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
  readonly "/v1/jobs/{id}/fail": {
    /** Say that an attempt at a job failed */
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
          readonly "application/json": FailJob;
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
        readonly 409: Refusal<"job-unknown" | "lease-lost" | "idempotency-in-progress">;
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
}
