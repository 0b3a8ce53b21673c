/** Whole visits over HTTP: what the story tells is what happens, once, and what it says is refused writes nothing. */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCallers, type Send } from "../../src/cli/demo/callers.ts";
import type { Entry } from "../../src/cli/demo/narrator.ts";
import { play } from "../../src/cli/demo/play.ts";
import type { Ending } from "../../src/cli/demo/play.ts";
import { storyOf } from "../../src/cli/demo/story.ts";
import type { Story } from "../../src/cli/demo/story.ts";
import { DEMO_WORDS } from "../../src/cli/demo/words.ts";
import { judgeFiles } from "../../src/design/judge-files.ts";
import { asking, definitionFile, embeddedServer, publish, tokenFor } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let stories: (id: string) => Story;

beforeAll(async () => {
  server = await embeddedServer();
  const text = await definitionFile("service-visit/1.0.0.yaml");
  const scenarios = await definitionFile("service-visit/1.0.0.scenarios.yaml");
  await publish(asking(server), text);
  const file = judgeFiles({ text, format: "yaml" }, scenarios).scenarios?.file ?? null;
  if (file === null) throw new Error("the scenario file has mistakes");
  stories = (id) => {
    const story = storyOf(file, id);
    if (story === null) throw new Error(`no story is called ${id}`);
    return story;
  };
});
afterAll(() => server.close());

interface Told {
  readonly ending: Ending;
  readonly entries: readonly Entry[];
  readonly notes: readonly string[];
}

async function tell(story: Story, send: Send): Promise<Told> {
  const entries: Entry[] = [];
  const notes: string[] = [];
  const orderId = randomUUID();
  const centre = `demo-${orderId}`;
  const cast = [...story.cast].map(async ([name, roles]) => {
    return [name, await tokenFor(roles, { sub: name, centres: [centre] })] as const;
  });
  const ending = await play({
    callers: createCallers("http://in-process", send),
    story,
    orderId,
    definition: { process: "service-visit", version: "1.0.0" },
    businessKey: "STORY",
    centre,
    tokens: new Map(await Promise.all(cast)),
    adminToken: await tokenFor("admin"),
    speed: Infinity,
    maxPauseMs: 0,
    narrator: { entry: (entry) => entries.push(entry), note: (note) => notes.push(note) },
    words: DEMO_WORDS.en,
    url: "http://in-process",
  });
  return { ending, entries, notes };
}

const direct: Send = async (request) => server.app.request(request);

/** What persons did, in order. */
const deeds = (entries: readonly Entry[]): readonly string[] =>
  entries
    .filter(({ type }) => !type.includes("."))
    .map(({ type, actor }) => `${type} by ${actor.sub}`);

function expected(story: Story): {
  readonly deeds: readonly string[];
  readonly notes: readonly string[];
} {
  const steps = story.beats.flatMap(({ step }) => ("event" in step ? [step] : []));
  return {
    deeds: steps
      .filter(({ then }) => then?.refused === undefined)
      .map(({ event, by }) => `${event} by ${by}`),
    notes: steps.flatMap(({ event, then }) => {
      const { refused } = then ?? {};
      if (refused === undefined) return [];
      return [DEMO_WORDS.en.refused(event, typeof refused === "string" ? refused : refused.code)];
    }),
  };
}

describe("a visit over HTTP", () => {
  test.each(["good-story", "walk-in-story"])("%s is told as it is written", async (id) => {
    const story = stories(id);
    const told = await tell(story, direct);
    expect(deeds(told.entries)).toEqual(expected(story).deeds);
    expect(told.notes).toEqual(expected(story).notes);
    expect(told.entries.map(({ revision }) => revision)).toEqual(
      told.entries.map((_, at) => at + 1),
    );
    expect(told.ending).toEqual({
      outcome: "completed",
      entries: told.entries.length,
      firstDivergence: null,
    });
  });

  test("happens once also over a line that loses requests and answers", async () => {
    const story = stories("good-story");
    const whole = await tell(story, direct);
    let sent = 0;
    const lossy: Send = async (request) => {
      sent += 1;
      if (sent % 23 === 3) throw new TypeError("the request was lost");
      const response = await direct(request);
      if (sent % 17 === 2) throw new TypeError("the answer was lost");
      return response;
    };
    const told = await tell(story, lossy);
    expect(deeds(told.entries)).toEqual(expected(story).deeds);
    expect(told.entries.map(({ type }) => type)).toEqual(whole.entries.map(({ type }) => type));
    expect(told.ending).toEqual(whole.ending);
    expect(told.notes).toContain(DEMO_WORDS.en.back);
  });
});
