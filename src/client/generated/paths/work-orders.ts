/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { CreateWorkOrder, SendEvent, SendEvents, BatchLine, BatchAnswerLine } from "../schemas/work-orders.ts";
import type { Problem, WorkOrder } from "../schemas/shared.ts";

export interface WorkOrdersPaths {
  readonly "/v1/work-orders": {
    /** Create a work order */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": CreateWorkOrder;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 201: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 404: Refusal<"definition-unknown" | "not-found" | "test-clock-unknown">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"id-unavailable" | "expression-failed" | "invariant-violated" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "data-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
    /** List work orders, newest change first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly process?: string;
          readonly version?: string;
          readonly status?: "active" | "done" | "incident";
          readonly step?: string;
          readonly centre?: string;
          readonly businessKey?: string;
          readonly tag?: string;
          /** whether an open task is past its `dueAt`, or a timer could not fire */
          readonly overdue?: boolean;
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
        readonly header?: {
          /** With `max-stale=5` the answer may lack what happened in the last 5 seconds: it may come from a read replica, and `Age` then says how old it may be. At most an hour; a replica that is further behind is not asked. Without it every answer holds all that was acknowledged before */
          readonly "cache-control"?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: WorkOrder[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
          /** orders that belong here and can't be given, because what is stored of them was altered: a problem of each, `order` names it; absent: there are none */
          readonly damaged?: Problem[];
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
  readonly "/v1/work-orders/{id}": {
    /** Read a work order */
    readonly get: {
      readonly parameters: {
        readonly header?: {
          /** With `max-stale=5` the answer may lack what happened in the last 5 seconds: it may come from a read replica, and `Age` then says how old it may be. At most an hour; a replica that is further behind is not asked. Without it every answer holds all that was acknowledged before */
          readonly "cache-control"?: string;
          /** The `ETag` of the order that the caller has */
          readonly "if-none-match"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 304: Answer<undefined>;
        readonly 400: Refusal<"header-invalid">;
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
  readonly "/v1/work-orders/{id}/events": {
    /** Send an event to a work order */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** The `ETag` of the order that the caller has seen */
          readonly "if-match"?: string;
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
          /** `return=minimal`: orders are left out of the answer, which costs less */
          readonly prefer?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": SendEvent;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 204: Answer<undefined>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "separation-violated">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"event-not-enabled" | "order-closed" | "item-exists" | "invariant-violated" | "expression-failed" | "step-unbounded" | "idempotency-in-progress">;
        readonly 410: Refusal<"order-detached" | "answer-erased">;
        readonly 412: Refusal<"revision-mismatch">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"event-unknown" | "payload-invalid" | "item-unknown" | "data-invalid" | "request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/work-orders/{id}/events:preview": {
    /** See what an event would do; nothing is written */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** The `ETag` of the order that the caller has seen */
          readonly "if-match"?: string;
        };
        readonly path: {
          /** UUID; version 7 when the server drew it */
          readonly id: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": SendEvent;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WorkOrder }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "separation-violated">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"event-not-enabled" | "order-closed" | "item-exists" | "invariant-violated" | "expression-failed" | "step-unbounded">;
        readonly 410: Refusal<"order-detached">;
        readonly 412: Refusal<"revision-mismatch">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"event-unknown" | "payload-invalid" | "item-unknown" | "data-invalid" | "request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/events:batch": {
    /** Send up to 1000 events to work orders */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
          /** `return=minimal`: orders are left out of the answer, which costs less */
          readonly prefer?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": SendEvents | (BatchLine[]);
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: BatchAnswerLine[];
        } }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
