/** Written from the OpenAPI document by `npm run generate`. */

import type { Problem, WorkOrder } from "./shared.ts";

export type CreateWorkOrder = {
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version?: string;
  /**
   * UUID; version 7 when the server drew it
   * Format: uuid.
   */
  readonly id?: string;
  /**
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly businessKey?: string;
  /**
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly centre?: string;
  /**
   * test clock that the order lives by
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly testClock?: string;
  /**
   * whose data the order holds, by a name that means something to you; it is sealed as personal. Orders of one subject and centre share one key, so that they are erased together; without it an order is erased by itself
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly subject?: string;
  readonly data?: { readonly [key: string]: unknown };
};

export type SendEvent = {
  /**
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly type: string;
  readonly payload?: { readonly [key: string]: unknown };
};

export type BatchAnswerLine = {
  /** As of a single request with this event alone */
  readonly status: number;
  readonly order?: WorkOrder;
  /** Of a granted line */
  readonly etag?: string;
  readonly problem?: Problem;
  /** Answered before, under the same idempotency key */
  readonly replayed: boolean;
};

export type SendEvents = {
  /**
   * At least 1 members.
   * At most 1000 members.
   */
  readonly events: BatchLine[];
};

export type BatchLine = {
  /**
   * UUID; version 7 when the server drew it
   * Format: uuid.
   */
  readonly id: string;
  /**
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly type: string;
  readonly payload?: { readonly [key: string]: unknown };
  /**
   * Names this line. Absent: `<Idempotency-Key of the request>/<place of the line, from 0>`
   * Pattern: `^[\x21-\x7e]+$`.
   * At most 255 characters.
   */
  readonly idempotencyKey?: string;
  /** As the header `If-Match` of a single event */
  readonly ifMatch?: string;
};
