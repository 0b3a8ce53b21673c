/**
 * Every operation x role x centre, each cell a real request on a real thing: what the table of `authority.md` grants is
 * done, what it refuses has no effect, and what lives elsewhere looks as if it never was.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMetrics } from "../../../src/http/metrics.ts";
import { createPlaces } from "../../../src/http/places.ts";
import { openApiDocument } from "../../support/openapi/document.ts";
import { operationsOf } from "../../support/openapi/sample.ts";
import { embeddedServer } from "../server.ts";
import { authority, isOfThing, type Row } from "./authority.ts";
import { createBoard, type Board } from "./board.ts";
import { OWN } from "./callers.ts";
import { headOf, LEGEND, pictureOf } from "./picture.ts";
import { REQUESTS } from "./requests.ts";

const rows = authority();
const operations = operationsOf(await openApiDocument());
const picture = new Map<string, string>();

const metrics = createMetrics({
  backlog: () => Promise.reject(new Error("nobody asks")),
  connections: () => null,
  nowMs: Date.now,
});

let board: Board;
beforeAll(async () => {
  const places = createPlaces({ max: 1000 });
  // All callers ask at once.
  const exportLimits = { perServer: 1_000, perCaller: 1_000, stallMs: 60_000 };
  board = await createBoard(await embeddedServer({ places, exportLimits, metrics }));
});
afterAll(() => board.close());

describe("the table of authority", () => {
  test("has a row for every operation, and a request for every row", () => {
    const known = new Set(rows.map(({ operation }) => operation));
    const missing = operations.filter(({ operation }) => !known.has(operation.operationId));
    expect(missing.map(({ operation }) => operation.operationId)).toEqual([]);
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(REQUESTS).toSorted());
  });
});

describe.each([OWN, null])("a thing in the centre %s", (home) => {
  const about = home === null ? rows.filter(isOfThing) : rows;
  // What reads comes first: lists stay short.
  const inTurn = [...about.filter(reads), ...about.filter((row) => !reads(row))];

  test.each(inTurn.map((row) => [row.name, row] as const))("%s", async (name, row) => {
    const { wrong, cells } = await board.play(row, home);
    picture.set(`${home === null ? "no centre" : "a centre"}: ${name}`, pictureOf(cells));
    expect(wrong.slice(0, 5), `${wrong.length} cells`).toEqual([]);
  });
});

describe("the whole matrix", () => {
  test("is the picture that was looked at last", async () => {
    console.log(
      `authority: ${operations.length} operations, ${rows.length} rows, ${board.callers.length} callers, ${board.asserted()} cells`,
    );
    const lines = [["", headOf(board.callers)] as const, ...picture].map(([name, cells]) =>
      `${name.padEnd(NAME_COLUMNS)} ${cells}`.trimEnd(),
    );
    await expect(`${LEGEND}\n\n${lines.join("\n")}\n`).toMatchFileSnapshot("./picture.txt");
  });
});

const NAME_COLUMNS = 46;

function reads({ operation }: Row): boolean {
  return operations.some(
    (each) => each.operation.operationId === operation && each.method === "GET",
  );
}
