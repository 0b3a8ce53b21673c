/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { Problem } from "../schemas/shared.ts";
import type { Task, ClaimTask, ReleaseTask } from "../schemas/tasks.ts";

export interface TasksPaths {
  readonly "/v1/tasks": {
    /** List open tasks, the longest open first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly role?: string;
          readonly centre?: string;
          /** who took it, by `sub` */
          readonly assignee?: string;
          /** whether anybody took it */
          readonly assigned?: boolean;
          readonly process?: string;
          /** UUID; version 7 when the server drew it */
          readonly order?: string;
          readonly businessKey?: string;
          /** whether `dueAt` has come */
          readonly overdue?: boolean;
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Task[];
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
  readonly "/v1/tasks/{id}": {
    /** Read an open task */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Task }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"history-diverged" | "internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/tasks/{id}/claim": {
    /** Take a task, or give it to somebody */
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
      readonly requestBody?: {
        readonly content: {
          readonly "application/json": ClaimTask;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Task }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"task-claimed" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
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
  readonly "/v1/tasks/{id}/release": {
    /** Give a task back */
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
      readonly requestBody?: {
        readonly content: {
          readonly "application/json": ReleaseTask;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Task }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"task-claimed" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
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
