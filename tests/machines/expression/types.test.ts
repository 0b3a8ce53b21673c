/** What the compiler refuses before anything runs, and what it learns about an expression. */

import { describe, expect, test } from "vitest";
import { compiled, kind, refusal } from "./bench.ts";

describe("a name", () => {
  test("that the payload doesn't have is refused with line, column and the fields that it has", () => {
    expect(refusal("event.scoer <= 6")).toBe(
      "1:7 event has no field scoer; it has score, comment, finding, decision",
    );
    expect(refusal('rework > 1 &&\n  findings[0].colur == "red"')).toBe(
      "2:15 findings[0] has no field colur; it has id, colour",
    );
  });

  test("that nothing bears is refused with the names that there are", () => {
    expect(refusal("reworks + 1")).toMatch(/^1:1 there is no reworks; .* rework, repairedBy,/);
    expect(refusal("constructor")).toContain("there is no constructor");
  });

  test("event is refused where several events may lead, with what to do", () => {
    expect(refusal("event.score > 1", { event: false })).toMatch(
      /event can't be read here.*assign/,
    );
  });

  test("item is known only inside an item", () => {
    expect(refusal("item.id")).toContain("only in an item's own machine");
    expect(compiled("item.reason + item.state", { item: true }).type).toBe("string");
  });

  test("bound by a macro hides the one outside, and is not read from the order", () => {
    const { reads } = compiled("repairedBy.exists(rework, rework == actor.sub)");
    expect([...reads].toSorted()).toEqual(["actor", "repairedBy"]);
  });
});

describe("a type", () => {
  test("is refused where an operator has no meaning for it", () => {
    expect(refusal("rework + repairedBy")).toContain("+ doesn't take double and list<string>");
    expect(refusal('"n" + rework')).toContain("string(...) makes a text");
    expect(refusal("!rework")).toContain("expected a condition");
    expect(refusal("rework && true")).toContain("expected a condition");
    expect(refusal("now < rework")).toContain("< doesn't take timestamp and double");
    expect(refusal('now < "2026-11-23T01:00:00Z"')).toContain("timestamp(...)");
    expect(refusal("rework.size()")).toContain(
      "size(string or list or object) doesn't take rework",
    );
    expect(refusal("repairedBy.first")).toContain("take an element");
    expect(refusal('repairedBy["x"]')).toContain("has no field x");
  });

  test("of an enumeration catches a text that it never has", () => {
    expect(refusal('event.decision == "aproved"')).toContain("one of approved, declined");
    expect(refusal('addOns.exists(a, a.state == "aproved")')).toContain("proposed, approved");
  });

  test("that is never null says how to ask for an absent field", () => {
    expect(refusal("event.comment == null")).toContain("has(event.comment)");
    expect(kind("note == null || note.size() > 3")).toBe("bool");
  });

  test("of list updates is structural", () => {
    expect(compiled("findings + [event.finding]").type).toBe("list<map>");
    expect(
      compiled('findings.map(f, f.id == "f1" ? {"id": "f1", "colour": "green"} : f)[0].colour')
        .type,
    ).toBe("string");
    expect(refusal("(findings + [event.finding]).map(f, f.size)")).toContain("it has id, colour");
  });

  test("of a choice between a value and null is nullable", () => {
    expect(compiled("has(event.comment) ? event.comment : null").type).toBe("string or null");
  });

  test("of numbers is one, whatever the schema calls them", () => {
    for (const source of ["rework + 1", "size(findings) * 2.5", "-rework", "1 - 0.5"])
      expect(kind(source)).toBe("double");
    for (const source of ["size(findings) > 2", "findings[pick].id in ['f1']", "rework in [1, 2]"])
      expect(kind(source)).toBe("bool");
  });
});

describe("a personal field", () => {
  test("can be copied and asked for", () => {
    for (const source of ["concern", '{"text": concern}', "[concern] + names", "names.map(n, n)"])
      expect(compiled(source).reads.size).toBeGreaterThan(0);
    expect(kind("concern")).toBe("sealed");
    expect(kind('has(concern) ? concern : ""')).toBe("sealed");
    expect(kind("has(concern) && size(names) > 0")).toBe("bool");
  });

  test.each([
    'concern + "!"',
    'concern == "x"',
    '"x" in names',
    "concern.size()",
    "string(concern)",
    "dyn(concern)",
    "names[0].contains('a')",
    'names.join(", ")',
    "concern.anything",
    'names.exists(n, n == "x")',
  ])("can't be computed with: %s", (source) => {
    expect(refusal(source)).toContain("x-personal");
  });
});

describe("a literal argument", () => {
  test("is judged when it is published, not when it runs", () => {
    expect(refusal('event.comment.matches("(?=a)")')).toContain("RE2");
    expect(refusal('duration("PT2")')).toContain("PT2");
    expect(refusal('duration("P1M")')).toContain("no fixed length");
    expect(refusal('timestamp("yesterday")')).toContain("expected a timestamp");
    expect(refusal("inState(order.id)")).toContain("written out");
  });
});

describe("the compiler learns", () => {
  test("the state paths that inState names", () => {
    const { statePaths } = compiled('inState("a.b") || !inState("c")');
    expect([...statePaths]).toEqual(["a.b", "c"]);
  });

  test("the fields of event that are read; all when it is taken whole", () => {
    expect([...compiled("event.score > 1 && has(event.comment)").eventFields]).toEqual([
      "score",
      "comment",
    ]);
    expect([...compiled('event["score"]').eventFields]).toEqual(["score"]);
    expect(compiled("[event]").eventFields.size).toBe(4);
    expect(compiled("addOns.exists(event, event.id == '1')").eventFields.size).toBe(0);
  });
});
