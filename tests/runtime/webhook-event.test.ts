/** What deliveries say: each kind of event, parsed by the CloudEvents SDK, persons' data by leave of the webhook's roles. */

import { expect, test } from "vitest";
import type { DeliveryRequest } from "../../src/runtime/contracts/webhooks.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { received } from "../support/webhook-receiver.ts";
import {
  ADMIN,
  createParcel,
  granted,
  parcelServer,
  RECIPIENT,
  sent,
  server,
  until,
  viewed,
} from "./engine.ts";

const SLOT = {
  resources: ["bay-1"],
  from: "2026-11-23T08:00:00.000Z",
  to: "2026-11-23T09:00:00.000Z",
};

describeOnDatabases("events of webhooks", (open) => {
  test("tell of orders, effects, jobs and incidents; two pairs of eyes read differently", async () => {
    const requests: DeliveryRequest[] = [];
    const outlet = {
      refusal: () => null,
      deliver: (request: DeliveryRequest) => {
        requests.push(request);
        return Promise.resolve({ kind: "answered", status: 200, retryAfter: null } as const);
      },
    };
    await parcelServer(open);
    const at = await server(open, undefined, { outlet });
    const secrets = new Map<string, string>();
    for (const roles of [["clerk"], ["auditor"]]) {
      const url = `https://${roles.join("")}.example/`;
      const made = await at.engine.webhooks.create(ADMIN, { url, events: ["*"], roles });
      secrets.set(url, granted(made).secret);
    }
    at.engine.start();
    const { id } = await createParcel(at);
    await sent(at, id, "BOOK", SLOT);
    await until(async () => (await viewed(at, id)).jobs.length === 0);
    const handed = await sent(at, id, "HAND_OVER");
    const stuck = { code: "expression-failed", detail: "division by zero", pointer: null };
    const timer = handed.timers[0]?.id ?? "";
    await at.store.incidents.open(id, { kind: "timer", subject: timer, ...stuck });
    granted(await at.engine.incidents.retry(ADMIN, `${id}.1`, "looked at it with Ann"));
    const told = (host: string) =>
      requests
        .filter(({ url }) => url.includes(host))
        .map(
          ({ url, headers, body }) => received(secrets.get(url) ?? "", { ...headers }, body).event,
        );
    await until(() => Promise.resolve(told("clerk").length === 8 && told("auditor").length === 8));
    await at.engine.stop();
    expect(told("clerk").map(({ type }) => type.replace("sevenstep.", ""))).toEqual([
      ...["work-order.created", "work-order.changed", "job.opened", "work-order.changed"],
      ...["work-order.changed", "effect.notify", "incident.opened", "incident.closed"],
    ]);
    const [created, , job, , , effect, opened, closed] = told("clerk").map(({ data }) => data);
    expect(created.entry.payload.data.recipient).toBe(RECIPIENT);
    expect(created).toMatchObject({
      step: "intake",
      order: { id, process: "parcel", revision: 1 },
    });
    expect(job.job).toMatchObject({ type: "book", state: "booking", input: SLOT });
    expect(job.job.id.startsWith(`${id}.`)).toBe(true);
    expect(effect.effect).toMatchObject({
      ...{ type: "notify", params: { message: "hello", to: RECIPIENT } },
      text: { en: `Hello ${RECIPIENT}, it weighs 1.`, zh: `${RECIPIENT} 您好` },
    });
    expect(opened.incident).toMatchObject({
      ...{ id: `${id}.1`, source: { kind: "timer", id: timer }, code: "expression-failed" },
    });
    expect(opened.incident).not.toHaveProperty("closedBy");
    expect(closed.incident).toMatchObject({ closedBy: ADMIN.sub, reason: "looked at it with Ann" });
    const withheld = JSON.stringify(told("auditor"));
    expect(withheld).not.toContain(RECIPIENT);
    expect(withheld).not.toContain("Ann");
    expect(withheld).toContain("sealed:");
  });
});
