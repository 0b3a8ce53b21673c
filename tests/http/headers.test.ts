/** Conditions, media types and languages are read as RFC 9110 says. */

import { describe, expect, test } from "vitest";
import { ifMatch } from "../../src/http/if-match.ts";
import { languageOf } from "../../src/http/language.ts";
import { negotiate } from "../../src/http/negotiate.ts";

describe("ifMatch", () => {
  test.each([
    [undefined, { kind: "any" }],
    ["*", { kind: "any" }],
    ['"7"', { kind: "revisions", revisions: [7] }],
    ['"7" , "8"', { kind: "revisions", revisions: [7, 8] }],
    [',"7",,', { kind: "revisions", revisions: [7] }],
    ['"7", W/"8", "x"', { kind: "revisions", revisions: [7] }],
    ['W/"7"', { kind: "never" }],
    ['"seven"', { kind: "never" }],
    ['"07"', { kind: "never" }],
    ['"a,b"', { kind: "never" }],
    ['""', { kind: "never" }],
    ["7", { kind: "malformed" }],
    ['"7', { kind: "malformed" }],
    ['"7" "8"', { kind: "malformed" }],
    ['*, "7"', { kind: "malformed" }],
    ['w/"7"', { kind: "malformed" }],
    ["", { kind: "malformed" }],
    [",", { kind: "malformed" }],
  ])("reads %s", (header, condition) => {
    expect(ifMatch(header)).toEqual(condition);
  });
});

describe("negotiate", () => {
  const offers = ["application/json", "application/yaml"] as const;
  test.each([
    [undefined, "application/json"],
    ["", "application/json"],
    ["*/*", "application/json"],
    ["application/yaml", "application/yaml"],
    ["APPLICATION/YAML", "application/yaml"],
    ["application/json;q=0.5, application/yaml", "application/yaml"],
    ["application/*, application/json;q=0", "application/yaml"],
    ["text/html, application/*;q=0.1", "application/json"],
    ["text/html", null],
    ["application/json;q=0", null],
  ])("answers %s with %s", (accept, offer) => {
    expect(negotiate(accept, offers)).toBe(offer);
  });
});

describe("languageOf", () => {
  test.each([
    [undefined, "en"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["zh;q=0.4, en-GB;q=0.5", "en"],
    ["fr, de;q=0.9", "en"],
    ["fr, zh-Hant;q=0.1", "zh"],
    ["en;q=0.2, *;q=0.5", "zh"],
    ["zh;q=0.5, *;q=0.2", "zh"],
    ["en;q=0, *", "zh"],
    ["*", "en"],
    ["zh;q=0", "en"],
  ])("reads %s as %s", (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
