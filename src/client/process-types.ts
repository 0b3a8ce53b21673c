/** What `sevenstep types <definition>` writes for a process, and the shapes that follow from it. */

import type { ClaimedJob } from "./generated/schemas/jobs.ts";
import type { WorkOrder } from "./generated/schemas/shared.ts";

/** Each written interface extends this by its shape; `AnyProcess` stands for one that nobody has written. */
export interface ProcessTypes {
  readonly process: string;
  readonly version: string;
  readonly role: string;
  readonly step: string;
  readonly outcome: string;
  readonly state: string;
  readonly input: object;
  readonly data: object;
  readonly items: { readonly [collection: string]: object };
  readonly events: { readonly [type: string]: object };
  readonly effects: { readonly [type: string]: object };
  readonly jobs: { readonly [type: string]: JobTypes };
}

export interface JobTypes {
  readonly input: object;
  readonly output: object;
}

type Fields = { readonly [key: string]: unknown };

export interface AnyProcess extends ProcessTypes {
  readonly input: Fields;
  readonly data: Fields;
  readonly items: { readonly [collection: string]: Fields };
  readonly events: { readonly [type: string]: Fields };
  readonly effects: { readonly [type: string]: Fields };
  readonly jobs: { readonly [type: string]: { readonly input: Fields; readonly output: Fields } };
}

/** An answered order. A personal value that the caller may not see is a text that begins with `sealed:`. */
export type OrderOf<Process extends ProcessTypes> = Omit<
  WorkOrder,
  "process" | "step" | "outcome" | "data" | "items"
> & {
  readonly process: Process["process"];
  readonly step: Process["step"] | null;
  readonly outcome: Process["outcome"] | null;
  readonly data: Process["data"];
  readonly items: {
    readonly [Collection in keyof Process["items"]]: readonly ({
      readonly id: string;
      readonly state: WorkOrder["state"];
    } & Process["items"][Collection])[];
  };
};

export type EventOf<Process extends ProcessTypes> = keyof Process["events"] & string;

export type JobTypeOf<Process extends ProcessTypes> = keyof Process["jobs"] & string;

/** A claimed job. A personal value that the worker may not see is a text that begins with `sealed:`. */
export type JobOf<Process extends ProcessTypes, Type extends JobTypeOf<Process>> = Omit<
  ClaimedJob,
  "type" | "input"
> & { readonly type: Type; readonly input: Process["jobs"][Type]["input"] };

/** A payload that may be empty may be left out. */
export type PayloadArguments<Payload, Options> = {} extends Payload
  ? readonly [payload?: Payload, options?: Options]
  : readonly [payload: Payload, options?: Options];
