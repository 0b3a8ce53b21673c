/** The pure core gives the same in Chromium as in Node, byte for byte, in another language and time zone. */

import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, test } from "vitest";

import { openChromium } from "./chromium.ts";
import { play, type Played, type Script } from "./play.ts";
import { openSite } from "./site.ts";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const SCRIPT: Script = {
  definition: textOf("definitions/service-visit/1.0.0.yaml"),
  scenarios: textOf("definitions/service-visit/1.0.0.scenarios.yaml"),
  flawed: textOf("tests/document/thirty-mistakes.yaml"),
};

describe("the pure core in a browser", () => {
  const inNode = play(SCRIPT);
  const said: string[] = [];
  const requested: string[] = [];
  let origin = "";
  let inBrowser: Played | null = null;

  beforeAll(async () => {
    const site = await openSite(SCRIPT);
    origin = site.origin;
    const browser = await openChromium({ locale: "ar-EG", timezoneId: "America/St_Johns" });
    try {
      const page = await browser.newPage();
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on("request", (request) => requested.push(request.url()));
      const broken = page.waitForEvent("pageerror", { timeout: 0 });
      await page.goto(`${origin}/page.html`);
      const text = await Promise.race([
        page.locator("output:not(:empty)").textContent(),
        broken.then((error) => Promise.reject(error)),
      ]);
      inBrowser = JSON.parse(text ?? "null");
    } finally {
      await browser.close();
      site.close();
    }
  });

  test("gives the same digest and canonical text", () => {
    expect(inNode.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(inBrowser?.digest).toBe(inNode.digest);
    expect(inBrowser?.canonical).toBe(inNode.canonical);
  });

  test("refuses a flawed definition with the same words at the same lines", () => {
    expect(JSON.parse(inNode.findings)).not.toEqual([]);
    expect(inBrowser?.findings).toBe(inNode.findings);
  });

  test("tells the same stories, each step byte for byte", () => {
    expect(inNode.stories.length).toBeGreaterThan(10);
    expect(inBrowser?.stories.map(({ id }) => id)).toEqual(inNode.stories.map(({ id }) => id));
    for (const [index, { id, failure, results }] of inNode.stories.entries()) {
      const story = inBrowser?.stories[index];
      expect(story?.failure, id).toBe(failure);
      expect(failure, id).toBeNull();
      expect(story?.results.length, id).toBe(results.length);
      for (const [step, result] of results.entries()) {
        expect(story?.results[step], `${id}, step ${step}`).toBe(result);
      }
    }
  });

  test("leaves the console silent", () => expect(said).toEqual([]));

  test("asks for nothing outside the page's own server", () => {
    expect(requested.length).toBeGreaterThan(0);
    expect(requested.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
  });
});
