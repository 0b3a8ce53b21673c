/** Whole service visits, as the flagship's scenarios tell them: played over HTTP against a server that holds the definitions. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { castTokens, givenAdminToken } from "../../../src/cli/demo/tokens.ts";
import { createCallers } from "../../../src/cli/demo/callers.ts";
import { play } from "../../../src/cli/demo/play.ts";
import { DEMO_WORDS } from "../../../src/cli/demo/words.ts";
import { storyOf, type Story } from "../../../src/cli/demo/story.ts";
import { readScenarios } from "../../../src/design/scenario-file.ts";
import type { OurServer } from "./our-server.ts";

/** Where a server finds the flagship at its start: for its environment. */
export const definitions = {
  SEVENSTEP_DEFINITIONS: new URL("../../../definitions", import.meta.url).pathname,
} as const;

export interface Visit {
  readonly id: string;
  readonly entries: number;
}

const PROCESS = "service-visit";
const VERSION = "1.0.0";

/** Plays so many visits side by side, each in a centre of its own, so that none takes another's slot. */
export async function playVisits(
  server: Pick<OurServer, "url" | "dataFolder">,
  scenario: string,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<readonly Visit[]> {
  const story = await storyNamed(scenario);
  const callers = createCallers(server.url);
  const adminToken = await givenAdminToken(server.dataFolder);
  const visits: Visit[] = [];
  let begun = 0;
  const player = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const orderId = randomUUID();
      const centre = `bench-${orderId.slice(-12)}`;
      const tokens = await castTokens(story, server.dataFolder, centre);
      const { entries, firstDivergence } = await play({
        ...{ callers, story, orderId, centre, adminToken, tokens, url: server.url },
        definition: { process: PROCESS, version: VERSION },
        businessKey: `BENCH-${orderId}`,
        ...{ speed: Number.POSITIVE_INFINITY, maxPauseMs: 0, words: DEMO_WORDS.en },
        narrator: { entry: () => {}, note: () => {} },
      });
      if (firstDivergence !== null) throw new Error(`${orderId} diverges at ${firstDivergence}`);
      visits.push({ id: orderId, entries });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, player));
  return visits;
}

/** The stored lines of an order's history, up to 500. */
export async function linesOf(
  { url, dataFolder }: Pick<OurServer, "url" | "dataFolder">,
  id: string,
): Promise<readonly string[]> {
  const authorization = `Bearer ${await givenAdminToken(dataFolder)}`;
  const headers = { authorization, accept: "application/x-ndjson" };
  const path = `/v1/work-orders/${id}/history?limit=500`;
  const response = await fetch(new URL(path, url), { headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.text()).split("\n").slice(0, -1);
}

/** The document itself. */
export const FLAGSHIP = fileNamed(`${VERSION}.yaml`);

function fileNamed(name: string): string {
  return join(definitions.SEVENSTEP_DEFINITIONS, PROCESS, name);
}

export async function storyNamed(id: string): Promise<Story> {
  const text = await readFile(fileNamed(`${VERSION}.scenarios.yaml`), "utf8");
  const { file, findings } = readScenarios(text, null);
  const story = file === null ? null : storyOf(file, id);
  if (story === null) throw new Error(`expected the scenario ${id}: ${JSON.stringify(findings)}`);
  return story;
}
