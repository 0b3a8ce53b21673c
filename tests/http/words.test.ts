/** What is said to people is said in their language: titles, why an event is blocked, why it was refused. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asking,
  embeddedServer,
  publish,
  tokenFor,
  type Asking,
  type TestServer,
} from "./server.ts";

const KITCHEN = `
process: kitchen
version: 1.0.0
roles: [cook, waiter]
data: { type: object, properties: { tasted: { type: boolean, default: false }, plates: { type: number, default: 0 } } }
events:
  COOK: { title: { en: Cook, zh: 烹饪 }, by: [cook] }
  TASTE: { title: { en: Taste, zh: 试味 } }
  SERVE: { title: { en: Serve, zh: 上菜 }, payload: { type: object, required: [plates], properties: { plates: { type: number } } } }
  CLEAN: { title: { en: Clean, zh: 清洁 } }
  BURN: { title: { en: Burn, zh: 烧焦 } }
  PAY: {}
invariants:
  - { id: some-plates, title: { en: No more than ten plates, zh: 不超过十盘 }, always: '= plates <= 10' }
separation: [{ event: TASTE, notBy: [COOK] }]
machine:
  initial: kitchen
  states:
    kitchen:
      meta: { title: { en: Kitchen, zh: 厨房 } }
      initial: raw
      states:
        raw: { meta: { title: { en: Raw, zh: 生 } }, on: { COOK: cooked } }
        cooked:
          on:
            TASTE: { actions: [ { type: assign, params: { tasted: true } } ] }
            CLEAN: { guard: '= plates > 0', actions: [] }
            BURN: { guard: '= tasted', actions: [], meta: { because: { en: Taste it first., zh: 先试味。 } } }
            SERVE:
              guard: '= event.plates > 0'
              actions: [ { type: assign, params: { plates: = event.plates } } ]
              meta: { because: { en: A plate is needed., zh: 至少一盘。 } }
    paid: { type: final }
`;

let server: TestServer;
let ask: Asking;
let cook: string;
let waiter: string;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  await publish(ask, KITCHEN);
  cook = await tokenFor("cook", { sub: "cleo" });
  waiter = await tokenFor("waiter", { sub: "will" });
});
afterAll(() => server.close());

const zh = { "Accept-Language": "zh-CN, en;q=0.5" };

async function order(): Promise<string> {
  const { body } = await ask("/v1/work-orders", { body: { process: "kitchen" }, token: cook });
  return `/v1/work-orders/${body.id}`;
}

async function cooked(): Promise<string> {
  const path = await order();
  await ask(`${path}/events`, { body: { type: "COOK" }, token: cook });
  return path;
}

interface Choice {
  readonly event: string;
}
const choice = (choices: readonly Choice[], event: string) =>
  choices.find((each) => each.event === event);

describe("a work order", () => {
  test("names its events and its state in the asked language", async () => {
    const path = await order();
    const english = await ask(path, { token: cook });
    expect(english.body.stateTitle).toBe("Kitchen › Raw");
    expect(choice(english.body.enabled, "COOK")).toMatchObject({ title: "Cook" });
    expect(english.headers.get("content-language")).toBe("en");
    expect(english.headers.get("vary")).toContain("Accept-Language");
    const chinese = await ask(path, { token: cook, headers: zh });
    expect(chinese.body.stateTitle).toBe("厨房 › 生");
    expect(choice(chinese.body.enabled, "COOK")).toMatchObject({ title: "烹饪" });
    expect(chinese.headers.get("content-language")).toBe("zh");
  });

  test("says in a list, too, in the asked language", async () => {
    await order();
    const { body, headers } = await ask("/v1/work-orders", { token: cook, headers: zh });
    expect(body.items[0].stateTitle).toContain("厨房");
    expect(headers.get("content-language")).toBe("zh");
  });

  test("says why an event is blocked: by a role, a separation, a guard with words and one without", async () => {
    const path = await cooked();
    const whyOf = async (event: string, language: string) => {
      const { body } = await ask(path, { token: cook, headers: { "Accept-Language": language } });
      return choice(body.blocked, event);
    };
    const raw = await order();
    const role = (await ask(raw, { token: waiter })).body.blocked[0];
    expect(role).toMatchObject({ because: "role: only cook", why: "Only cook may send “Cook”." });
    expect(await whyOf("TASTE", "en")).toMatchObject({
      because: "separation: TASTE not by who sent COOK",
      why: "“Taste” is for somebody else than who did “Cook” on this order.",
    });
    expect(await whyOf("TASTE", "zh")).toMatchObject({
      title: "试味",
      why: expect.stringContaining("烹饪"),
    });
    expect(await whyOf("BURN", "en")).toMatchObject({
      because: "= tasted",
      why: "Taste it first.",
    });
    expect(await whyOf("BURN", "zh")).toMatchObject({ why: "先试味。" });
    expect(await whyOf("CLEAN", "en")).toMatchObject({
      because: "= plates > 0",
      why: "“Clean” is not possible: the process asks for what does not hold, plates > 0.",
    });
  });

  test("says on what an enabled event depends", async () => {
    const path = await cooked();
    const { body } = await ask(path, { token: waiter, headers: zh });
    expect(choice(body.enabled, "SERVE")).toMatchObject({
      when: "= event.plates > 0",
      whenWhy: "至少一盘。",
      payloadSchema: { required: ["plates"] },
      by: ["cook", "waiter", "admin"],
    });
  });
});

describe("a refused event", () => {
  const refusedWith = async (path: string, token: string, body: object, language = "en") =>
    ask(`${path}/events`, {
      body: JSON.stringify(body),
      token,
      headers: { "Accept-Language": language },
    });

  test("answers with the reason in words, and with what is enabled and blocked", async () => {
    const path = await cooked();
    const guard = await refusedWith(path, cook, { type: "BURN" }, "zh");
    expect(guard).toMatchObject({
      status: 409,
      body: { code: "event-not-enabled", detail: "先试味。", because: "= tasted" },
    });
    expect(choice(guard.body.blocked, "BURN")).toMatchObject({ title: "烧焦", why: "先试味。" });
    expect(choice(guard.body.enabled, "SERVE")).toBeDefined();
    expect(guard.body).not.toHaveProperty("words");
    const payload = await refusedWith(path, cook, { type: "SERVE", payload: { plates: 0 } });
    expect(payload.body).toMatchObject({ status: 409, detail: "A plate is needed." });
    const unknown = await refusedWith(path, cook, { type: "PAY" });
    expect(unknown.body.detail).toBe(
      "“PAY” is not possible now: the order stands at “Kitchen › cooked”.",
    );
  });

  test("by a role, a separation or an invariant says so alike", async () => {
    const raw = await order();
    const role = await refusedWith(raw, waiter, { type: "COOK" }, "zh");
    expect(role).toMatchObject({ status: 403, body: { detail: "只有 cook 可以执行“烹饪”。" } });
    expect(choice(role.body.blocked, "COOK")).toBeDefined();
    const path = await cooked();
    const separation = await refusedWith(path, cook, { type: "TASTE" });
    expect(separation).toMatchObject({
      status: 403,
      body: { code: "separation-violated", detail: expect.stringContaining("“Cook”") },
    });
    expect(choice(separation.body.enabled, "SERVE")).toBeDefined();
    const plates = { type: "SERVE", payload: { plates: 11 } };
    const invariant = await refusedWith(path, cook, plates, "zh");
    expect(invariant).toMatchObject({
      status: 409,
      body: { code: "invariant-violated", detail: "“上菜”将违反流程规则：不超过十盘。" },
    });
    expect(choice(invariant.body.enabled, "SERVE")).toBeDefined();
  });
});
