import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { answer, dress, say, unsay } from "../../src/http/answer.ts";
import type { HttpEnv } from "../../src/http/context.ts";

/** What was said, on answers of both makings, under `/whole` and `/other`. */
function app() {
  const made: Response[] = [];
  const routes = new Hono<HttpEnv>();
  routes.use(async (c, next) => {
    c.set("said", { Vary: "Accept-Language", "X-Fixed": "fixed" });
    await next();
    dress(c);
    made.push(c.res);
  });
  routes.get("/whole", (c) => {
    say(c, "X-Said", "said");
    const whole = answer(c, "{}", 200, { "X-Fixed": "own" });
    made.push(whole);
    return whole;
  });
  routes.get("/other", (c) => {
    say(c, "X-Said", "said");
    return c.json({}, 200, { Vary: "Accept", "X-Fixed": "own" });
  });
  routes.get("/differs", (c) => c.json({}, 200, { Vary: "Accept-Language, Accept" }));
  routes.get("/unsaid", (c) => {
    say(c, "X-Said", "said");
    unsay(c, ["X-Said", "X-Never"]);
    return answer(c, null, 204);
  });
  return { made, ask: (path: string) => Promise.resolve(routes.request(path)) };
}

describe("an answer", () => {
  test("has what was said on the way to it, its own headers before that, and is not made twice", async () => {
    const { made, ask } = app();
    const { headers } = await ask("/whole");
    expect(headers.get("x-said")).toBe("said");
    expect(headers.get("x-fixed")).toBe("own");
    expect(headers.get("vary")).toBe("Accept-Language");
    expect(made[0]).toBe(made[1]);
  });

  test("that was made in another way gets what was said, too, and keeps its own", async () => {
    const { headers } = await app().ask("/other");
    expect(headers.get("x-said")).toBe("said");
    expect(headers.get("x-fixed")).toBe("own");
    expect(headers.get("vary")).toBe("Accept, Accept-Language");
  });

  test("says once what it differs by", async () => {
    const { headers } = await app().ask("/differs");
    expect(headers.get("vary")).toBe("Accept-Language, Accept");
  });

  test("lacks what was taken back", async () => {
    const { headers } = await app().ask("/unsaid");
    expect(headers.has("x-said")).toBe(false);
  });
});
