/** `/docs` in a real browser: the whole reference, from this server alone, also on a phone, in both languages. */

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../src/http/listen.ts";
import { embeddedServer } from "../http/server.ts";
import { openChromium } from "./chromium.ts";

let browser: BrowserContext;
let url = "";
let close = (): Promise<unknown> => Promise.resolve();

beforeAll(async () => {
  const server = await embeddedServer();
  const listening = await listen(server.app, { port: 0, host: "127.0.0.1" });
  ({ url } = listening);
  browser = await openChromium({ locale: "zh-CN", timezoneId: "Asia/Shanghai" });
  close = async () => {
    await browser.close();
    await listening.drain(1_000);
    await server.close();
  };
});
afterAll(() => close());

interface Watched {
  readonly page: Page;
  readonly said: readonly string[];
  readonly requested: readonly string[];
}

async function opened(path: string, width: number): Promise<Watched> {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height: 844 });
  const said: string[] = [];
  const requested: string[] = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => requested.push(request.url()));
  await page.goto(`${url}${path}`);
  return { page, said, requested };
}

const foreign = ({ requested }: Watched): readonly string[] =>
  requested.filter((each) => !each.startsWith(`${url}/`) && !each.startsWith("data:"));

/** How far the page can be pushed sideways; a page made for the width gives 0. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe("/docs", () => {
  test.each([1280, 390])("shows every operation at a width of %i px", async (width) => {
    const watched = await opened("/docs?lang=en", width);
    const { page, said } = watched;
    const document = await (await fetch(`${url}/openapi.json`)).json();
    const operations = Object.values<object>(document.paths).flatMap(Object.keys).length;
    await page.locator(".opblock").first().waitFor();
    expect(await page.locator(".opblock").count()).toBe(operations);
    expect(await overflow(page)).toBe(0);

    await page.locator("#operations-Work_orders-createWorkOrder .opblock-summary-control").click();
    const body = page.locator("#operations-Work_orders-createWorkOrder .opblock-body");
    await body.getByText("service-visit").first().waitFor();
    expect(await overflow(page)).toBe(0);
    expect(foreign(watched)).toEqual([]);
    expect(said).toEqual([]);
    await page.close();
  });

  test("speaks the reader's language, and the other one at a click", async () => {
    const { page } = await opened("/docs", 390);
    expect(await page.title()).toBe("API 参考 · Seven-step");
    await page.getByRole("link", { name: "English" }).click();
    await page.waitForURL(/lang=en/);
    expect(await page.title()).toBe("API reference · Seven-step");
    await page.close();
  });

  test.each(["light", "dark"] as const)("can be read in %s", async (colorScheme) => {
    const { page } = await opened("/docs", 390);
    await page.emulateMedia({ colorScheme });
    await page.locator(".opblock").first().waitFor();
    const brightness = (selector: string, property: string): Promise<number> =>
      page
        .locator(selector)
        .first()
        .evaluate((element, name) => {
          const channels =
            getComputedStyle(element)
              .getPropertyValue(name)
              .match(/[\d.]+/g) ?? [];
          return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 765;
        }, property);
    const paper = await brightness("body", "background-color");
    expect(Math.abs(paper - (await brightness("body", "color")))).toBeGreaterThan(0.5);
    expect(Math.abs(paper - (await brightness(".opblock-tag", "color")))).toBeGreaterThan(0.4);
    await page.close();
  });
});
