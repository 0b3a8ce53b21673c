import { describe, expect, test } from "vitest";
import { textIn } from "../../../machines/document/text.ts";

describe("textIn", () => {
  test("gives the one text of every language", () => {
    expect(textIn("Repair", "zh", "x")).toBe("Repair");
  });

  test.each([
    ["the language itself", "zh", { en: "Repair", zh: "维修" }, "维修"],
    ["whatever the capitals", "ZH-hans", { en: "Repair", "zh-Hans": "维修" }, "维修"],
    ["the first by name of two spellings", "en", { en: "repair", EN: "Repair" }, "Repair"],
    ["a wider form", "zh-Hans-CN", { en: "Repair", zh: "维修" }, "维修"],
    [
      "the widest form only when no nearer one is there",
      "zh-Hant-TW",
      { "zh-Hant": "維修", zh: "维修" },
      "維修",
    ],
    ["a narrower form", "zh", { en: "Repair", "zh-Hans": "维修" }, "维修"],
    ["English where the language is missing", "de", { zh: "维修", "en-GB": "Repair" }, "Repair"],
    [
      "the first language by name where English is missing too",
      "de",
      { zh: "维修", fr: "Réparation" },
      "Réparation",
    ],
    ["the fallback when there is no text", "de", {}, "repair"],
  ])("gives %s", (_, language, text, expected) => {
    expect(textIn(text, language, "repair")).toBe(expected);
  });

  test("gives the fallback for an absent text", () => {
    expect(textIn(undefined, "en", "repair")).toBe("repair");
  });

  test("does not follow a prototype for a language named like one of its members", () => {
    expect(textIn({ en: "Repair" }, "constructor", "x")).toBe("Repair");
  });
});
