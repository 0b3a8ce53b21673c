/** Definitions: judged, published once and for all; publishing alone never changes which rules new orders follow. */

import { beforeEach, expect, test } from "vitest";
import { createDefinitions, createLibrary } from "../../src/runtime/definitions.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { ADMIN, CLERK, granted, refusal, server, type Server } from "./engine.ts";
import { PARCEL } from "./parcel.ts";

const yaml = (text: string) => ({ text, format: "yaml" }) as const;
const version = (number: string) => yaml(PARCEL.replace("version: 1.0.0", `version: ${number}`));

describeOnDatabases("definitions", (open) => {
  let one: Server;
  beforeEach(async () => {
    one = await server(open);
  });

  test("a document is published once; the very same, however written, is the same again", async () => {
    const { definitions } = one.engine;
    const first = granted(await definitions.publish(ADMIN, yaml(PARCEL)));
    expect(first).toMatchObject({
      created: true,
      definition: { process: "parcel", version: "1.0.0" },
    });
    const again = granted(await definitions.publish(CLERK, yaml(`# a comment\n${PARCEL}`)));
    expect(again).toEqual({ ...first, created: false });
  });

  test("other content under a published version is refused", async () => {
    const { definitions } = one.engine;
    granted(await definitions.publish(ADMIN, yaml(PARCEL)));
    const other = yaml(PARCEL.replace("PT1H:", "PT2H:"));
    expect(refusal(await definitions.publish(ADMIN, other)).code).toBe("version-published");
  });

  test("a document with errors is refused with all of them, and nothing is stored", async () => {
    const { definitions } = one.engine;
    const broken = yaml(
      PARCEL.replace("DELIVER: delivered", "DELIVER: nowhere").replace(
        "event.weight",
        "event.wieght",
      ),
    );
    const refused = refusal(await definitions.publish(ADMIN, broken));
    expect(refused.code).toBe("definition-invalid");
    const errors = (refused.findings ?? []).filter(({ severity }) => severity === "error");
    expect(errors).toHaveLength(2);
    expect(errors.every(({ line }) => line !== null)).toBe(true);
    expect(await definitions.check(broken)).toMatchObject({ ok: false, definition: null });
    expect(await definitions.versions()).toEqual([]);
  });

  test.each([
    ["costly", "definition-too-costly"],
    ["busy", "judges-busy"],
  ] as const)("a judgement that is %s refuses to check and to publish", async (kind, code) => {
    const definitions = createDefinitions(one.store, () => Promise.resolve({ kind }));
    expect(refusal(await definitions.check(yaml(PARCEL))).code).toBe(code);
    expect(refusal(await definitions.judge(yaml(PARCEL))).code).toBe(code);
    expect(refusal(await definitions.publish(ADMIN, yaml(PARCEL))).code).toBe(code);
  });

  test("a check judges and stores nothing", async () => {
    const checked = await one.engine.definitions.check(yaml(PARCEL));
    expect(checked).toMatchObject({
      ok: true,
      definition: { process: "parcel", version: "1.0.0" },
    });
    expect(await one.engine.definitions.versions()).toEqual([]);
  });

  test("many who need a definition at once have it read once", async () => {
    const { definition } = granted(await one.engine.definitions.publish(ADMIN, yaml(PARCEL)));
    let reads = 0;
    const byDigest = (digest: string) => {
      reads += 1;
      return one.store.definitions.byDigest(digest);
    };
    const library = createLibrary({
      ...one.store,
      definitions: { ...one.store.definitions, byDigest },
    });
    const all = Array.from({ length: 100 }, () => library.load(definition.digest));
    const loaded = new Set(await Promise.all(all));
    expect([...loaded].map((executable) => executable?.process)).toEqual(["parcel"]);
    expect(reads).toBe(1);
    expect(await library.load("of none")).toBeNull();
  });

  test("the first version is the default until another is chosen, and can be again", async () => {
    const { definitions, orders } = one.engine;
    const two = await server(open);
    const started = async () => {
      const request = { process: "parcel", data: { recipient: "Ada" } };
      return granted(await two.engine.orders.create(CLERK, request)).order.version;
    };
    granted(await definitions.publish(ADMIN, version("1.0.0")));
    granted(await definitions.publish(ADMIN, version("1.1.0")));
    expect(await started()).toBe("1.0.0");
    granted(await definitions.setDefault(ADMIN, "parcel", "1.1.0"));
    expect(await started()).toBe("1.1.0");
    granted(await definitions.setDefault(ADMIN, "parcel", "1.0.0"));
    expect(await started()).toBe("1.0.0");
    const chosen = { process: "parcel", version: "1.1.0", data: { recipient: "Ada" } };
    expect(granted(await orders.create(CLERK, chosen)).order.version).toBe("1.1.0");
    expect(refusal(await definitions.setDefault(ADMIN, "parcel", "2.0.0")).code).toBe(
      "definition-unknown",
    );
    expect(await definitions.versions("parcel")).toMatchObject([
      { version: "1.1.0", default: false, openOrders: 2, publishedBy: "root" },
      { version: "1.0.0", default: true, openOrders: 2 },
    ]);
  });

  test("a document is given back as it was sent, and as data in its order", async () => {
    const { definitions } = one.engine;
    granted(await definitions.publish(ADMIN, yaml(PARCEL)));
    const found = granted(await definitions.source("parcel", "1.0.0"));
    expect(found.source).toEqual(yaml(PARCEL));
    const machine = found.document["machine"];
    const states =
      typeof machine === "object" && machine !== null && "states" in machine ? machine.states : {};
    expect(Object.keys(states ?? {})).toEqual(["desk", "booking", "road", "delivered"]);
    expect(refusal(await definitions.source("parcel", "2.0.0")).code).toBe("definition-unknown");
  });
});
