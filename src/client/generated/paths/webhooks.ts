/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { Webhook, CreateWebhook, WebhookMade, ChangeWebhook, RotateWebhookSecret, Delivery } from "../schemas/webhooks.ts";

export interface WebhooksPaths {
  readonly "/v1/webhooks": {
    /** List webhooks, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Webhook[];
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
    /** Register a webhook; its secret is told this once */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": CreateWebhook;
        };
      };
      readonly responses: {
        readonly 201: Answer<{ readonly "application/json": WebhookMade }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"webhook-limit" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "webhook-url-refused" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/webhooks/{id}": {
    /** Read a webhook, without its secret */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Webhook }>;
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
    /** Change a webhook's address or events, disable or enable it */
    readonly patch: {
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
          readonly "application/json": ChangeWebhook;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Webhook }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "webhook-url-refused" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
    /** Remove a webhook and all that is queued for it */
    readonly delete: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
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
        readonly 409: Refusal<"idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/webhooks/{id}/rotate-secret": {
    /** Give a webhook a new secret */
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
          readonly "application/json": RotateWebhookSecret;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": WebhookMade }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
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
  readonly "/v1/webhooks/{id}/deliveries": {
    /** List a webhook's deliveries, newest first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly state?: "pending" | "delivered" | "dead";
          /** UUID; version 7 when the server drew it */
          readonly order?: string;
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
        readonly path: {
          readonly id: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: Delivery[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
        } }>;
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
  readonly "/v1/webhooks/{id}/deliveries/{delivery}/resend": {
    /** Send a delivery again, at its place among its order's deliveries */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          readonly id: string;
          readonly delivery: string;
        };
      };
      readonly responses: {
        readonly 202: Answer<{ readonly "application/json": Delivery }>;
        readonly 400: Refusal<"header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 409: Refusal<"webhook-disabled" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/webhooks/{id}/test": {
    /** Send a `sevenstep.webhook.test` event */
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
      readonly responses: {
        readonly 202: Answer<{ readonly "application/json": Delivery }>;
        readonly 400: Refusal<"header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 404: Refusal<"not-found">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 409: Refusal<"webhook-disabled" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 422: Refusal<"request-invalid" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
