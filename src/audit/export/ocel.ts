/** An object-centric event log in the words of OCEL 2.0 (Berti et al., 2023): events, objects, and what they are to each other. */

import type { Attribute } from "./attributes.ts";

export interface OcelEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly attributes: readonly Attribute[];
  readonly relationships: readonly Relationship[];
}

export interface OcelObject {
  readonly id: string;
  readonly type: string;
  /** In the order of time. */
  readonly attributes: readonly TimedAttribute[];
  readonly relationships: readonly Relationship[];
}

export interface TimedAttribute extends Attribute {
  /** Since when. */
  readonly time: string;
}

export interface Relationship {
  readonly objectId: string;
  /** What the object is to the event, or to the other object. */
  readonly qualifier: string;
}

/** How the standard's own examples write that a value was never another one before. */
export const FROM_THE_BEGINNING = "1970-01-01T00:00:00.000Z";

/** An order as it stood when the export came to it. */
export interface ExportedOrder {
  readonly id: string;
  readonly process: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  /** Null while it is not done. */
  readonly outcome: string | null;
}
