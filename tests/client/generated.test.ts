/** The client's types are what the routes say today; `npm run generate` writes them. */

import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../machines/json.ts";
import { embeddedServer } from "../http/server.ts";
import { clientTypes } from "./client-types.ts";

const FOLDER = new URL("../../src/client/generated/", import.meta.url).pathname;

let types: ReadonlyMap<string, string>;

beforeAll(async () => {
  const { app, close } = await embeddedServer();
  const document: JsonObject = await (await app.request("/openapi.json")).json();
  types = clientTypes(document);
  await close();
});

describe("the client's types", () => {
  test("are those of the OpenAPI document", async () => {
    for (const [name, text] of types) await expect(text).toMatchFileSnapshot(`${FOLDER}${name}`);
  });

  test("have no file left over from tags that are gone", async () => {
    const found = await readdir(FOLDER, { recursive: true, withFileTypes: true });
    const files = found.filter((each) => each.isFile());
    const names = files.map(({ parentPath, name }) => relative(FOLDER, join(parentPath, name)));
    expect(names.filter((name) => !types.has(name))).toEqual([]);
  });
});
