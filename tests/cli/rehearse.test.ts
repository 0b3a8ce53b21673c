import { expect, test } from "vitest";
import { rehearse } from "../../src/cli/rehearse.ts";

test("a rehearsal brings a server up, has an order made, and leaves nobody behind", async () => {
  expect(await rehearse()).toBe(true);
}, 120_000);
