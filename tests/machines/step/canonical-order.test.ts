/** The digest fixes behaviour: what is compiled at publishing and what is compiled from the canonical form are one. */

import { expect, test } from "vitest";
import { judge } from "../../../machines/compile/judge.ts";
import { documentOf } from "../../../machines/document/canonical.ts";
import { start } from "../../../machines/step/start.ts";
import { NOW, technician } from "./orders.ts";

const TEXT = `
process: test
version: 1.0.0
data:
  type: object
  properties:
    nested: { type: object, additionalProperties: true, default: { zebra: 1, ant: 2 } }
effects: { notify: {} }
messages: { hello: { zh: "{{ nested.zebra }}", en: "{{ nested.ant }}" } }
machine:
  entry: { type: notify, params: { message: hello, zebra: "= 1 + 1", ant: { yak: 1, bee: "= 2" } } }
`;

test("keys that the canonical form sorts come out in the same order from either text", () => {
  const written = judge(TEXT, "yaml");
  const again = judge(JSON.stringify(documentOf(written.canonical ?? "")), "json");
  expect(again.digest).toBe(written.digest);
  const results = [written, again].map(({ executable }) => {
    if (executable === null) throw new Error("the document has errors");
    const identity = { id: "o", businessKey: null, centre: null };
    return JSON.stringify(start(executable, { identity, data: {}, actor: technician }, NOW));
  });
  expect(results[1]).toBe(results[0]);
});
