/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { SendMessage, Message } from "../schemas/messages.ts";
import type { WorkOrder } from "../schemas/shared.ts";

export interface MessagesPaths {
  readonly "/v1/messages": {
    /** Send a message to the one open order that waits for it */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": SendMessage;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 202: Answer<{ readonly "application/json": Message }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "separation-violated">;
        readonly 404: Refusal<"not-found" | "message-unmatched">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"event-not-enabled" | "order-closed" | "item-exists" | "invariant-violated" | "expression-failed" | "step-unbounded" | "message-ambiguous" | "messages-full" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"event-unknown" | "payload-invalid" | "item-unknown" | "data-invalid" | "request-invalid" | "correlation-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
    /** List messages that are or were kept, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly state?: "kept" | "delivered" | "refused" | "expired" | "withdrawn";
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Message[];
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
  readonly "/v1/messages/{id}": {
    /** Read what became of a message */
    readonly get: {
      readonly parameters: {
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Message }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
    /** Withdraw a message that is kept; again changes nothing */
    readonly delete: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 204: Answer<undefined>;
        readonly 400: Refusal<"header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 409: Refusal<"message-ended" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
