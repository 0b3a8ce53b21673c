import { describe, expect, test } from "vitest";
import { xesEvent } from "../../../src/audit/export/xes.ts";
import { xmlName, xmlText } from "../../../src/audit/export/xml.ts";
import type { Attribute } from "../../../src/audit/export/attributes.ts";

const EVENT = {
  ...{ type: "PAY", time: "2026-11-22T08:00:00.000Z", actor: { sub: "ann", role: "clerk" } },
  attributes: [],
};

describe("a text in XML", () => {
  test("keeps what it means, and what XML can't hold becomes U+FFFD", () => {
    expect(xmlText(`a<b>&"c"\t\n\r`)).toBe("a&lt;b&gt;&amp;&quot;c&quot;&#9;&#10;&#13;");
    expect(xmlText("a\u0000b\u001fc\ud800d\ufffe")).toBe("a\ufffdb\ufffdc\ufffdd\ufffd");
    expect(xmlText("车 🚗")).toBe("车 🚗");
  });

  test("is a name without a colon, which would claim an extension's prefix", () => {
    expect(["time:timestamp", "a b", "1st", "价格.amount", "", "-x"].map(xmlName)).toEqual([
      ...["time_timestamp", "a_b", "_1st", "价格.amount", "_", "_-x"],
    ]);
  });
});

describe("an event in XES", () => {
  const keys = (attributes: readonly Attribute[]): readonly string[] =>
    xesEvent({ ...EVENT, attributes })
      .match(/<\w+ key="[^"]*" value="[^"]*"\/>/g)
      ?.slice(5) ?? [];

  test("says each attribute by its type; a value that the type can't hold there is a text or a float", () => {
    expect(
      keys([
        { name: "n", type: "integer", value: 3 },
        { name: "huge", type: "integer", value: 1e21 },
        { name: "f", type: "float", value: 0.5 },
        { name: "b", type: "boolean", value: true },
        { name: "t", type: "time", value: "2026-11-22T08:00:00.000Z" },
        { name: "never", type: "time", value: "0001-01-01T00:00:00Z" },
      ]),
    ).toEqual([
      '<int key="n" value="3"/>',
      '<float key="huge" value="1e+21"/>',
      '<float key="f" value="0.5"/>',
      '<boolean key="b" value="true"/>',
      '<date key="t" value="2026-11-22T08:00:00.000Z"/>',
      '<string key="never" value="0001-01-01T00:00:00Z"/>',
    ]);
  });

  test("has each key once, also where two names are written alike", () => {
    const both = keys([
      { name: "a b", type: "string", value: "first" },
      { name: "a:b", type: "string", value: "second" },
    ]);
    expect(both).toEqual(['<string key="a_b" value="first"/>']);
  });
});
