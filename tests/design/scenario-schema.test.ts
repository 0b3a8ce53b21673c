/** The editors' schema of scenario files is the one that the runner uses. */

import { describe, expect, test } from "vitest";

import { scenarioJsonSchema } from "../../src/design/scenario-schema.ts";

describe("scenarioJsonSchema", () => {
  // `vitest -u` writes it anew.
  test("is what definitions/scenarios.schema.json holds", async () => {
    const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../definitions/scenarios.schema.json");
  });

  test("describes every key that an author may write", () => {
    const missing: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      if ("properties" in node && typeof node.properties === "object") {
        for (const [key, member] of Object.entries(node.properties ?? {})) {
          const described = typeof member === "object" && member !== null;
          if (!described || !("description" in member || "$ref" in member)) {
            missing.push(`${path}/${key}`);
          }
        }
      }
      for (const [key, member] of Object.entries(node)) visit(member, `${path}/${key}`);
    };
    visit(scenarioJsonSchema(), "");
    expect(missing).toEqual([]);
  });
});
