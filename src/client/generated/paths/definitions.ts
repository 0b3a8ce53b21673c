/** Written from the OpenAPI document by `npm run generate`. */

import type { Answer, Refusal } from "../../answer.ts";
import type { PublishedDefinition, Process, Judgement, DefinitionVersion, DefaultVersion } from "../schemas/definitions.ts";

export interface DefinitionsPaths {
  readonly "/v1/definitions": {
    /** Publish a version of a process; it never changes afterwards */
    readonly post: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/yaml": string;
          readonly "application/json": { readonly [key: string]: unknown };
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": PublishedDefinition }>;
        readonly 201: Answer<{ readonly "application/json": PublishedDefinition }>;
        readonly 400: Refusal<"body-malformed" | "body-text-unsafe" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 409: Refusal<"version-published" | "idempotency-in-progress">;
        readonly 410: Refusal<"answer-erased">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "definition-invalid" | "definition-too-costly" | "idempotency-key-reused">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"judges-busy" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
    /** List processes */
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
          readonly items: Process[];
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
  readonly "/v1/definitions/check": {
    /** Judge a definition as publishing would; nothing is stored */
    readonly post: {
      readonly parameters: {};
      readonly requestBody: {
        readonly content: {
          readonly "application/yaml": string;
          readonly "application/json": { readonly [key: string]: unknown };
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": Judgement }>;
        readonly 400: Refusal<"body-malformed" | "body-text-unsafe">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 408: Refusal<"request-too-slow">;
        readonly 413: Refusal<"body-too-large">;
        readonly 415: Refusal<"media-type-unsupported">;
        readonly 422: Refusal<"request-invalid" | "definition-too-costly">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"judges-busy" | "identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/definitions/{process}": {
    /** List the versions of a process, newest publication first */
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly limit?: number;
          /** `nextCursor` of the page before, with the same filters */
          readonly cursor?: string;
        };
        readonly path: {
          readonly process: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          readonly items: DefinitionVersion[];
          /** null: this is the last page */
          readonly nextCursor: string | null;
        } }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found" | "definition-unknown">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
  readonly "/v1/definitions/{process}/default": {
    /** Choose the version that new orders take */
    readonly put: {
      readonly parameters: {
        readonly header?: {
          /** Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same key with the same body, within 24 hours, takes no effect again and gives the same answer again. */
          readonly "idempotency-key"?: string;
        };
        readonly path: {
          readonly process: string;
        };
      };
      readonly requestBody: {
        readonly content: {
          readonly "application/json": DefaultVersion;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": {
          /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
          readonly process: string;
          /**
           * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
           * At most 64 characters.
           */
          readonly version: string;
        } }>;
        readonly 400: Refusal<"body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid">;
        readonly 401: Refusal<"authentication-required">;
        readonly 403: Refusal<"role-not-allowed" | "centre-not-allowed">;
        readonly 404: Refusal<"not-found" | "definition-unknown">;
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
  readonly "/v1/definitions/{process}/{version}": {
    /** Read a published definition */
    readonly get: {
      readonly parameters: {
        readonly path: {
          readonly process: string;
          readonly version: string;
        };
      };
      readonly responses: {
        readonly 200: Answer<{ readonly "application/json": { readonly [key: string]: unknown }; readonly "application/yaml": string }>;
        readonly 401: Refusal<"authentication-required">;
        readonly 404: Refusal<"not-found" | "definition-unknown">;
        readonly 406: Refusal<"not-acceptable">;
        readonly 422: Refusal<"request-invalid">;
        readonly 429: Refusal<"rate-limited">;
        readonly 500: Refusal<"internal-error">;
        readonly 503: Refusal<"identity-provider-unavailable" | "overloaded" | "starting" | "shutting-down" | "database-unavailable">;
      };
    };
  };
}
