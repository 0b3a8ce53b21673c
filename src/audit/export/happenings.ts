/** What an entry's payload tells an export: its declared plain fields, and of timers and jobs what they were. */

import { isJsonObject, type Json } from "../../../machines/json.ts";
import type { Entry } from "../entry.ts";
import { attributesIn, type Attribute } from "./attributes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Entries of one order, in the order of their revisions. */
export type Happenings = (entry: Entry, vocabulary: Vocabulary) => readonly Attribute[];

/** A timer or a job is told by its id alone when it ends: what it was stands in an entry before. */
export function createHappenings(): Happenings {
  const timers = new Map<string, readonly Attribute[]>();
  const jobs = new Map<string, readonly Attribute[]>();

  const remember = ({ timers: { set, cancelled }, effects }: Entry): void => {
    for (const id of cancelled) timers.delete(id);
    for (const { id, state, after } of set) {
      timers.set(id, texts({ "sevenstep.waited.in": state, "sevenstep.waited.for": after }));
    }
    for (const { type, params } of effects) {
      const { job, type: of, state } = params;
      if (typeof job !== "string") continue;
      if (type === "job.closed") jobs.delete(job);
      if (type === "job.opened") {
        jobs.set(job, texts({ "sevenstep.job": of, "sevenstep.waited.in": state }));
      }
    }
  };

  return (entry, vocabulary) => {
    const { type, payload } = entry;
    const timer = known(timers, payload["timer"]);
    const job = known(jobs, payload["job"]);
    remember(entry);
    switch (type) {
      case "order.started":
        return attributesIn(vocabulary.data, payload["data"] ?? null);
      case "order.migrated":
        return texts({
          "sevenstep.from.version": versionIn(payload["from"]),
          "sevenstep.to.version": versionIn(payload["to"]),
        });
      case "timer.fired":
      case "timer.cancelled":
        return timer;
      case "job.completed":
        return [...job, ...outputIn(job, payload["output"], vocabulary)];
      case "job.failed":
        return job;
      default: {
        const words = vocabulary.events.get(type);
        return words === undefined ? [] : attributesIn(words.attributes, payload);
      }
    }
  };
}

function versionIn(definition: Json | undefined): Json | undefined {
  return isJsonObject(definition) ? definition["version"] : undefined;
}

function known(
  pending: ReadonlyMap<string, readonly Attribute[]>,
  id: Json | undefined,
): readonly Attribute[] {
  return (typeof id === "string" ? pending.get(id) : undefined) ?? [];
}

function outputIn(
  job: readonly Attribute[],
  output: Json | undefined,
  { outputs }: Vocabulary,
): readonly Attribute[] {
  const type = job.find(({ name }) => name === "sevenstep.job")?.value;
  const declared = typeof type === "string" ? outputs.get(type) : undefined;
  return declared === undefined || !isJsonObject(output) ? [] : attributesIn(declared, output);
}

function texts(values: { readonly [name: string]: Json | undefined }): readonly Attribute[] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === "string" ? [{ name, type: "string", value }] : [],
  );
}
