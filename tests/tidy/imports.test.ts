import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFiles, type SourceFile } from "./source-files.ts";

/** Each room may import itself and the rooms before it. */
const ROOMS = [
  "machines",
  "src/design",
  "src/audit",
  "src/store",
  "src/runtime",
  "src/keys",
  "src/insights",
  "src/http",
  "src/web",
  "src/client",
  "src/cli",
  "src/server.ts",
  "src/main.ts",
];

/** What the pure core stands on: all of it runs in a browser, too. */
const PURE_PACKAGES: ReadonlySet<string> = new Set([
  "@marcbachmann/cel-js",
  "@noble/hashes",
  "ajv",
  "ajv-formats",
  "canonicalize",
  "re2js",
  "temporal-polyfill",
  "xstate",
  "yaml",
  "zod",
]);

/** Static imports and exports (`from "x"`, `import "x"`) and dynamic ones (`import("x")`). */
const SPECIFIER = /(?:^|[\s;}])(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g;

interface Import {
  readonly from: string;
  readonly specifier: string;
}

function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...text.matchAll(SPECIFIER)].map((match) => ({ from: path, specifier: match[2] ?? "" }));
}

function roomOf(path: string): string | null {
  return ROOMS.find((room) => path === room || path.startsWith(`${room}/`)) ?? null;
}

/** Why the import is not allowed; null when it is. */
function refusal({ from, specifier }: Import): string | null {
  const room = roomOf(from);
  if (room === null) return `${from} is in no room`;
  if (!specifier.startsWith(".")) {
    const isPure = PURE_PACKAGES.has(packageOf(specifier));
    return room === "machines" && !isPure ? `${from} imports ${specifier}` : null;
  }
  const to = posix.join(posix.dirname(from), specifier);
  const target = roomOf(to);
  if (target === null) return `${from} imports ${to}, which is in no room`;
  return ROOMS.indexOf(target) > ROOMS.indexOf(room) ? `${from} imports ${to}` : null;
}

function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

describe("imports", () => {
  const files = sourceFiles("machines", "src");
  const imports = files.flatMap(importsOf);

  test("are seen at all", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test("go from later rooms to earlier ones, and from the pure core to pure packages only", () => {
    expect(imports.map(refusal).filter((each) => each !== null)).toEqual([]);
  });

  test.each([
    ["machines/a.ts", 'import x from "node:crypto";', "machines/a.ts imports node:crypto"],
    ["machines/a.ts", "import x from 'pg';", "machines/a.ts imports pg"],
    [
      "machines/a.ts",
      'export { x } from "../src/store/b.ts";',
      "machines/a.ts imports src/store/b.ts",
    ],
    [
      "src/store/a.ts",
      'import type { X } from "../runtime/b.ts";',
      "src/store/a.ts imports src/runtime/b.ts",
    ],
    [
      "src/http/a.ts",
      'const x = await import("../cli/b.ts");',
      "src/http/a.ts imports src/cli/b.ts",
    ],
    ["src/cli/a.ts", 'import "../main.ts";', "src/cli/a.ts imports src/main.ts"],
    [
      "src/cli/a.ts",
      'import { x } from "../../tests/b.ts";',
      "src/cli/a.ts imports tests/b.ts, which is in no room",
    ],
    ["src/other/a.ts", 'import "./b.ts";', "src/other/a.ts is in no room"],
    ["src/cli/a.ts", 'import { x } from "../store/b.ts";', null],
    ["machines/step/a.ts", 'import { x } from "../document/b.ts";', null],
    ["machines/a.ts", 'import { x } from "@noble/hashes/sha2.js";', null],
  ])("are judged: in %s, %s", (path, text, expected) => {
    expect(importsOf({ path, text }).map(refusal)).toEqual([expected]);
  });
});
