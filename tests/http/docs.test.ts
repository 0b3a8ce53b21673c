/** The documentation's pages: in two languages, from this server alone, under a policy of their own. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rendered } from "../../src/http/pages/markdown.ts";
import { asking, embeddedServer } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
});
afterAll(() => server.close());

const open = { token: null } as const;

describe("/docs", () => {
  test.each([
    ["/docs", "en", "API reference"],
    ["/docs?lang=zh", "zh-CN,zh;q=0.9", "API 参考"],
    ["/docs?lang=en", "zh", "API reference"],
    ["/docs?lang=fr", "zh", "API 参考"],
    ["/docs/integrate", "en", "Integrate in ten minutes"],
    ["/docs/integrate", "zh", "十分钟完成集成"],
    ["/docs/handbook", "en", "The auditor&#39;s handbook"],
    ["/docs/handbook", "zh", "审计手册"],
  ])("answers %s to a reader of %s", async (path, language, title) => {
    const answer = await ask(path, { ...open, headers: { "Accept-Language": language } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i);
    expect(answer.text).toContain(title);
    expect(answer.text).toContain(`<html lang="${answer.headers.get("content-language")}`);
  });

  test("is where the server's own address leads, and an address that is none names it", async () => {
    const root = await ask("/", open);
    expect([root.status, root.headers.get("location")]).toEqual([302, "/docs"]);
    const wrong = await ask("/docs/", open);
    expect([wrong.status, wrong.body.detail]).toEqual([
      404,
      "Nothing is at /docs/: addresses end without a slash, see /docs or /openapi.json.",
    ]);
  });

  test("lets a page run no script but its own file, and no other page frame it", async () => {
    const { headers, text } = await ask("/docs", open);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(text).not.toMatch(/https?:\/\//);
    for (const [, path = ""] of text.matchAll(/(?:href|src)="(\/[^"?]*)/g)) {
      expect((await ask(path, open)).status, path).toBe(200);
    }
  });

  test("gives its own files, and by no name another", async () => {
    const script = await ask("/docs/assets/swagger-ui-bundle.js", open);
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.headers.get("cache-control")).toBe("public, max-age=3600");
    expect(script.text.length).toBeGreaterThan(1_000_000);
    for (const name of ["package.json", "..%2fpages.css", "%2e%2e", "constructor", "x%00"]) {
      const answer = await ask(`/docs/assets/${name}`, open);
      expect(answer.status, name).toBe(404);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });
});

describe("a written page", () => {
  test("has its first heading as title, and headings that can be linked to", () => {
    const { title, body } = rendered("# Ten `minutes`\n\n## 第一步: go\n");
    expect(title).toBe("Ten `minutes`");
    expect(body).toContain('<h1 id="ten-minutes">Ten <code>minutes</code></h1>');
    expect(body).toContain('<h2 id="第一步-go">');
  });

  test("shows HTML as text", () => {
    const { body } = rendered("# x\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b>\n");
    expect(body).not.toMatch(/<script|<b /);
    expect(body).toContain("&lt;script&gt;");
  });
});
