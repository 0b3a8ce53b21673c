/** The engine's work in a case about a person's data; any other process that asks for it is refused. */

import { z } from "zod";
import type { JsonObject } from "../../../machines/json.ts";
import type { Work, WorkResult } from "../builtin-jobs.ts";
import { isCaseDefinition } from "./case-process.ts";
import { erasePerson, sweepPerson, type PersonDataPorts } from "./person-data.ts";

const input = z.strictObject({ tag: z.string().min(1) });

type Doing = (ports: PersonDataPorts, tag: string, caseId: string) => Promise<JsonObject | null>;

export const eraseJob = doing(async (ports, tag) => erasePerson(ports, tag));
export const sweepJob = doing(async (ports, tag) => ({ values: await sweepPerson(ports, tag) }));
export const restrictJob = doing(async ({ store }, tag, caseId) => {
  await store.persons.restrict(tag, caseId);
  return {};
});
export const liftJob = doing(async ({ store }, tag, caseId) => {
  await store.persons.lift(tag, caseId);
  return {};
});

function doing(work: Doing): (asked: Work) => Promise<WorkResult> {
  return async ({ store, keyring, orderId, digest, input: given }) => {
    if (!isCaseDefinition(digest)) {
      const message = "Expected a case that the engine made, found another process's order.";
      return { kind: "failed", code: "not-allowed", message };
    }
    const { tag } = input.parse(given);
    const output = await work({ store, keyring }, tag, orderId);
    if (output !== null) return { kind: "done", output };
    const message = "The person's data are restricted, and stay until every restriction is lifted.";
    return { kind: "failed", code: "restricted", message };
  };
}
