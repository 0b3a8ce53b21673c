/** The engine's own process: which definition cases about persons' data live under, and how it comes to be published. */

import { readFile } from "node:fs/promises";
import type { Judge } from "../judgement.ts";
import type { DefinitionSource } from "../published.ts";
import { refused, type Refused } from "../refusal.ts";
import type { Store } from "../../store/store.ts";

/** No document of anybody else's bears this name. */
export const CASE_PROCESS = "personal-data-case";
export const CASE_VERSION = "1.0.0";

/** Of every version that was ever shipped: what bears the name and is another document is not the engine's. */
const CASE_DIGESTS: ReadonlySet<string> = new Set([
  "f10810350b26857bd1b9d95933e456c2d7547280903272840bd11b8fe2b5283c",
]);

/** Whether a definition is one that the engine trusts with persons' keys. */
export function isCaseDefinition(digest: string): boolean {
  return CASE_DIGESTS.has(digest);
}

async function caseSource(): Promise<DefinitionSource> {
  const file = new URL("./personal-data-case.yaml", import.meta.url);
  return { text: await readFile(file, "utf8"), format: "yaml" };
}

/** Publishes it where it is not; any number of servers may. @returns a refusal where somebody took its name before */
export async function publishCaseProcess(
  { definitions }: Pick<Store, "definitions">,
  judge: Judge,
): Promise<Refused | null> {
  const present = await definitions.get(CASE_PROCESS, CASE_VERSION);
  if (present !== null) return isCaseDefinition(present.digest) ? null : taken();
  const source = await caseSource();
  const judgement = await judge(source);
  if (judgement.kind === "busy" || judgement.kind === "costly") return judgesBusy();
  if (judgement.definition === null) throw new Error("the engine's own definition has errors");
  const { process, version, digest, canonical } = judgement.definition;
  const outcome = await definitions.publish({
    ...{ process, version, digest, canonical, by: "sevenstep" },
    ...{ source: source.text, format: source.format },
  });
  return outcome === "different" ? taken() : null;
}

/** Nobody else makes its orders or publishes under its name. */
export function reserved(what: string): Refused {
  const detail = `Expected ${what} of a process of your own, found ${CASE_PROCESS}: that is the engine's. Cases are made by POST /v1/audit/erasures, /v1/audit/restrictions and /v1/audit/openings.`;
  return refused("process-reserved", detail);
}

function taken(): Refused {
  const detail = `Expected ${CASE_PROCESS} ${CASE_VERSION} as it is shipped, found another document under its name: nothing is erased, restricted or opened by it.`;
  return refused("process-reserved", detail);
}

function judgesBusy(): Refused {
  return refused("judges-busy", "Too many definitions are being judged: try again in a moment.");
}
