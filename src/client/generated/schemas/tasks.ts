/** Written from the OpenAPI document by `npm run generate`. */

import type { EnabledEvent } from "./shared.ts";

export type Task = {
  /** the order's id, the revision that opened the task, and its position there */
  readonly id: string;
  /**
   * UUID; version 7 when the server drew it
   * Format: uuid.
   */
  readonly order: string;
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  /**
   * the order's, for `If-Match`
   * More than 0.
   */
  readonly revision: number;
  /** where the order stands */
  readonly step: string | null;
  /** path of the state that waits for a person */
  readonly state: string;
  /** `collection/id` of the item it is about */
  readonly item?: string;
  /** in the asked language */
  readonly title: string;
  /** who does it; null: not said */
  readonly role: string | null;
  /** who took it; null: nobody yet */
  readonly assignee: string | null;
  /** Format: date-time. */
  readonly openedAt: string;
  /**
   * when the state's earliest timer falls or fell due; null: none
   * Format: date-time.
   */
  readonly dueAt: string | null;
  /** what the caller may send now to go on with it, or to end it */
  readonly events: EnabledEvent[];
};

export type ClaimTask = {
  /**
   * who shall have it, by `sub`; absent: the caller. Others: admin and manager only
   * Pattern: `^[\x21-\x7e]{1,128}$`.
   */
  readonly assignee?: string;
};

export type ReleaseTask = { readonly [key: string]: never };
