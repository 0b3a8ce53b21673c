/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { PersonalDataRequest, PersonalDataCase, OpenPersonalData, PersonalDataOpening, PersonalDataDecision } from "../schemas/personal-data.ts";

export interface PersonalDataPaths {
  readonly "/v1/audit/erasures": {
    /** Have a person's data erased */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": PersonalDataRequest;
        };
      };
      readonly responses: {
        readonly 201: Answer<{ readonly "application/json": PersonalDataCase }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"process-reserved" | "person-restricted" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"judges-busy" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/restrictions": {
    /** Have a person's data restricted */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": PersonalDataRequest;
        };
      };
      readonly responses: {
        readonly 201: Answer<{ readonly "application/json": PersonalDataCase }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"process-reserved" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"judges-busy" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/openings": {
    /** See an order's personal values, restricted or not */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": OpenPersonalData;
        };
      };
      readonly responses: {
        readonly 201: Answer<{ readonly "application/json": PersonalDataOpening }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"process-reserved" | "order-closed" | "event-not-enabled" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"judges-busy" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/audit/cases": {
    /** List cases about persons' data, newest change first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly kind?: "erasure" | "restriction" | "opening";
          readonly status?: "active" | "done" | "incident";
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: PersonalDataCase[];
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
  readonly "/v1/audit/cases/{id}": {
    /** Read a case about a person's data */
    readonly get: {
      readonly parameters: {
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": PersonalDataCase }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
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
  readonly "/v1/audit/cases/{id}/decision": {
    /** Approve or decline an erasure, or lift a restriction */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** The `ETag` of the order that the caller has seen */
          readonly "if-match"?: string;
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": PersonalDataDecision;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": PersonalDataCase }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"event-not-enabled" | "order-closed" | "invariant-violated" | "idempotency-in-progress">;
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
