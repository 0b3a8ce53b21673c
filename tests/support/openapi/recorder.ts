/** Notes what was asked and answered, and makes examples of it that are the same in every run. */

import { createHash } from "node:crypto";
import type { Json } from "../../../machines/json.ts";
import type { OpenApiDocument } from "./document.ts";
import { operationsOf } from "./sample.ts";

export interface Recorded {
  readonly operationId: string;
  readonly status: number;
  readonly request: Json | undefined;
  readonly answer: Json;
}

type Send = (request: Request) => Response | Promise<Response>;

export interface Recorder {
  /** Everything of which the answer was JSON, in order. */
  readonly recorded: readonly Recorded[];
  /** Sends by `send`, and gives the answer on, its body not yet read. */
  readonly ask: (request: Request, send: Send) => Promise<Response>;
}

export function createRecorder(document: OpenApiDocument): Recorder {
  const operations = operationsOf(document)
    .map(({ method, path, operation }) => ({
      method,
      id: operation.operationId,
      variables: path.split("{").length,
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    }))
    .toSorted((a, b) => a.variables - b.variables);
  const recorded: Recorded[] = [];
  return {
    recorded,
    ask: async (request, send) => {
      const { pathname } = new URL(request.url);
      const operation = operations.find(
        (each) => each.method === request.method && each.pattern.test(pathname),
      );
      const asked = await request.clone().text();
      const response = await send(request);
      const text = await response.text();
      const answer = dataIn(text);
      if (operation !== undefined && answer !== undefined) {
        const { status } = response;
        recorded.push({ operationId: operation.id, status, request: dataIn(asked), answer });
      }
      return new Response(text === "" ? null : text, response);
    },
  };
}

/** Drawn by chance or read off a clock: in the examples each stands for itself, by the order in which it appears. */
export function steady(from: Date): (value: Json) => Json {
  const seen = new Map<string, string>();
  const stand = (found: string, made: (place: number) => string): string => {
    const known = seen.get(found) ?? made(seen.size + 1);
    seen.set(found, known);
    return known;
  };
  const inText = (text: string): string =>
    text
      .replaceAll(/whsec_[A-Za-z0-9+/=_-]+/g, (found) =>
        stand(
          found,
          (place) => `whsec_${Buffer.from(hash(place)).toString("base64").slice(0, 44)}`,
        ),
      )
      .replaceAll(/ssk_[A-Za-z0-9_-]+/g, (found) =>
        stand(found, (place) => `ssk_example${place}_${hash(place).slice(0, 43)}`),
      )
      .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (found) =>
        stand(found, (place) => `01980c3e-0000-7000-8000-${String(place).padStart(12, "0")}`),
      )
      .replaceAll(/\b[0-9a-f]{64}\b/g, (found) => stand(found, hash))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (found) => {
        const hours = Math.round((Date.parse(found) - from.getTime()) / HOUR_MS);
        // The story's own instants are whole seconds; those of a running clock hardly ever are.
        if (hours !== 0 && found.endsWith(".000Z")) return found;
        return new Date(EXAMPLE_NOW_MS + hours * HOUR_MS).toISOString();
      });
  const inValue = (value: Json, name = ""): Json => {
    if (typeof value === "string") return FIXED[name] ?? inText(value);
    if (Array.isArray(value)) return value.map((each) => inValue(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, it]) => [inText(key), inValue(it, key)]),
    );
  };
  return inValue;
}

const HOUR_MS = 3_600_000;
const EXAMPLE_NOW_MS = Date.parse("2026-11-23T08:00:00.000Z");

/** Less than an hour from now, or opaque. */
const FIXED: { readonly [name: string]: string } = {
  leaseUntil: "2026-11-23T08:01:00.000Z",
  leaseToken: "opaque-lease-token",
  nextCursor: "opaque-cursor",
};

function hash(place: number): string {
  return createHash("sha256").update(String(place)).digest("hex");
}

function dataIn(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
