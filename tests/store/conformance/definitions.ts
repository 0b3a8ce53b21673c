/** Conformance: a published version never changes, and races over publishing have one winner. */

import { describe, expect, test } from "vitest";

import type { OpenStore } from "../../support/databases.ts";
import { advance, definition, numbers } from "../fixtures.ts";

export function definitionsConform(open: OpenStore): void {
  describe("publishing", () => {
    test("the same document again is the same, another one is different, and nothing changes", async () => {
      const store = await open();
      const first = definition();
      expect(await store.definitions.publish(first)).toBe("created");
      expect(await store.definitions.publish(first)).toBe("same");
      expect(await store.definitions.publish(definition({ source: "other" }))).toBe("different");
      expect(await store.definitions.get("service-visit", "1.0.0")).toMatchObject(first);
      expect(await store.definitions.byDigest(first.digest)).toMatchObject(first);
      expect(await store.definitions.get("service-visit", "2.0.0")).toBeNull();
      expect(await store.definitions.byDigest("e".repeat(64))).toBeNull();
    });

    test("of ten different documents for one version at once, one is created", async () => {
      const stores = await Promise.all([open(), open()]);
      const answers = await Promise.all(
        numbers(10).map((number) =>
          stores[number % 2 === 0 ? 0 : 1].definitions.publish(definition({ source: `${number}` })),
        ),
      );
      expect(answers.toSorted()).toEqual(["created", ...Array(9).fill("different")]);
    });

    test("of ten copies of one document at once, one is created and the rest are the same", async () => {
      const stores = await Promise.all([open(), open()]);
      const answers = await Promise.all(
        numbers(10).map((number) =>
          stores[number % 2 === 0 ? 0 : 1].definitions.publish(definition()),
        ),
      );
      expect(answers.toSorted()).toEqual(["created", ...Array(9).fill("same")]);
    });
  });

  describe("versions", () => {
    test("the first becomes the default, a later one only when it is told to", async () => {
      const store = await open();
      await store.definitions.publish(definition());
      await store.definitions.publish(definition({ version: "1.1.0" }));
      await store.definitions.publish(definition({ process: "traditional-4s" }));
      expect(await store.definitions.getDefault("service-visit")).toMatchObject({
        version: "1.0.0",
        by: "designer-1",
      });
      expect(await store.definitions.setDefault("service-visit", "1.1.0", "m-1")).toBe(true);
      expect(await store.definitions.setDefault("service-visit", "9.9.9", "m-1")).toBe(false);
      expect(await store.definitions.getDefault("service-visit")).toMatchObject({
        version: "1.1.0",
        by: "m-1",
      });
      expect(await store.definitions.getDefault("unknown")).toBeNull();
      expect(await store.definitions.processes()).toEqual(["service-visit", "traditional-4s"]);
    });

    test("are listed oldest first with their open orders", async () => {
      let clock = Date.UTC(2026, 0, 1);
      const store = await open({ clock: () => clock++ });
      await store.definitions.publish(definition({ version: "1.1.0" }));
      await store.definitions.publish(definition());
      await advance(store, "o1");
      await advance(store, "o2");
      await advance(store, "o3", { head: { status: "done" } });
      await advance(store, "o4", { head: { version: "1.1.0" } });
      const versions = await store.definitions.versions("service-visit");
      expect(versions).toMatchObject([
        { version: "1.1.0", openOrders: 1, isDefault: true, at: Date.UTC(2026, 0, 1) },
        { version: "1.0.0", openOrders: 2, isDefault: false, by: "designer-1" },
      ]);
    });
  });
}
