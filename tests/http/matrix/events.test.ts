/**
 * Every event of the service visit x role, in a state that takes it: who may send it, the document's own text says, and
 * nobody else. The stories lead to the states; each role previews the event there before its person sends it.
 */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createCallers, type Send } from "../../../src/cli/demo/callers.ts";
import { play, StoryStuck } from "../../../src/cli/demo/play.ts";
import { storyOf, type Beat, type Story } from "../../../src/cli/demo/story.ts";
import { DEMO_WORDS } from "../../../src/cli/demo/words.ts";
import { judgeFiles } from "../../../src/design/judge-files.ts";
import { asking, definitionFile, embeddedServer, publish, tokenFor } from "../server.ts";
import type { TestServer } from "../server.ts";

const ROLES = [
  ...["customer", "advisor", "technician", "lead", "parts", "manager", "system"],
  ...["admin", "auditor", "designer", "worker", "visitor"],
];

const text = await definitionFile("service-visit/1.0.0.yaml");
const scenarios = await definitionFile("service-visit/1.0.0.scenarios.yaml");
const { events }: { readonly events: { readonly [event: string]: { readonly by: string[] } } } =
  parse(text);

let server: TestServer;
const stories: Story[] = [];
/** By event, then by role: the code of the refusal, or null. */
const answers = new Map<string, ReadonlyMap<string, string | null>>();

beforeAll(async () => {
  server = await embeddedServer();
  await publish(asking(server), text);
  const file = judgeFiles({ text, format: "yaml" }, scenarios).scenarios?.file;
  stories.push(...(file?.scenarios ?? []).flatMap(({ id }) => (file && storyOf(file, id)) ?? []));
  for (const story of stories) await tell(asFarAsNeeded(withoutFailures(story)));
}, 120_000);
afterAll(() => server.close());

/** This server's calendar does not fail: what was tried and failed in the story is left out of it. */
function withoutFailures(story: Story): Story {
  const beats: Beat[] = [];
  for (const beat of story.beats) {
    if ("error" in beat.step) beats.pop();
    else beats.push(beat);
  }
  return { ...story, beats };
}

/** Up to the last event that no story before has led to. */
function asFarAsNeeded(story: Story): Story {
  const isNew = ({ step }: Beat): boolean => "event" in step && !answers.has(step.event);
  return { ...story, beats: story.beats.slice(0, story.beats.findLastIndex(isNew) + 1) };
}

async function tell(story: Story): Promise<void> {
  if (story.beats.length === 0) return;
  const orderId = randomUUID();
  const centre = `told-${orderId}`;
  const cast = [...story.cast].map(async ([name, roles]) => {
    return [name, await tokenFor(roles, { sub: name, centres: [centre] })] as const;
  });
  try {
    await play({
      callers: createCallers("http://in-process", asked(orderId, centre)),
      ...{ story, orderId, centre, businessKey: orderId },
      definition: { process: "service-visit", version: "1.0.0" },
      tokens: new Map(await Promise.all(cast)),
      adminToken: await tokenFor("admin"),
      ...{ speed: Infinity, maxPauseMs: 0, words: DEMO_WORDS.en, url: "http://in-process" },
      narrator: { entry: () => undefined, note: () => undefined },
    });
  } catch (error) {
    // It ends before its end, or where a failure that was left out would have led: the events tell whether it sufficed.
    if (!(error instanceof StoryStuck)) throw error;
  }
}

/** Before an event is sent, every role tries it; that counts if the event is then taken from its person. */
function asked(orderId: string, centre: string): Send {
  const path = `/v1/work-orders/${orderId}/events`;
  return async (request) => {
    if (new URL(request.url).pathname !== path) return server.app.request(request);
    const body = await request.clone().text();
    const type = /"type":"([A-Z_]+)"/.exec(body)?.[1] ?? "";
    const codes = answers.has(type) ? null : await tried(`${path}:preview`, body, centre);
    const response = await server.app.request(request);
    if (codes !== null && response.status === 200) answers.set(type, codes);
    for (const event of Object.keys(events)) {
      if (answers.has(event) || events[event]?.by.length !== 0) continue;
      // What the process alone sends no state takes from anybody.
      const own = JSON.stringify({ type: event, payload: { decision: "approved" } });
      answers.set(event, await tried(`${path}:preview`, own, centre));
    }
    return response;
  };
}

async function tried(
  path: string,
  body: string,
  centre: string,
): Promise<ReadonlyMap<string, string | null>> {
  const codes = new Map<string, string | null>();
  for (const role of ROLES) {
    const token = await tokenFor(role, { sub: `trying-${role}`, centres: [centre] });
    const answer = await asking(server)(path, { body, token });
    codes.set(role, answer.status === 200 ? null : answer.body.code);
  }
  return codes;
}

describe("an event of the service visit", () => {
  test.each(Object.entries(events))("%s is for those whom the document names", (event, { by }) => {
    const codes = answers.get(event) ?? new Map<string, string | null>();
    expect([...codes.keys()]).toEqual(ROLES);
    const refused = ROLES.filter((role) => codes.get(role) === "role-not-allowed");
    expect(refused).toEqual(ROLES.filter((role) => !by.includes(role)));
  });

  test("was tried in every role", () => {
    const cells = [...answers.values()].reduce((sum, codes) => sum + codes.size, 0);
    console.log(`authority: ${answers.size} events, ${ROLES.length} roles, ${cells} cells`);
    expect(cells).toBe(Object.keys(events).length * ROLES.length);
  });
});
