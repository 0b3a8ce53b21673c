/** Three versions of two processes, and the rules by which their orders go from each to the next, and back. */

import type { MigrationRules } from "../../machines/migrate/rules.ts";
import { GARAGE } from "../runtime/garage.ts";
import { PARCEL } from "../runtime/parcel.ts";

export interface Versions {
  readonly process: string;
  /** From the first on. */
  readonly texts: readonly [string, string, string];
  /** By `from>to`, as places in `texts`. */
  readonly rules: { readonly [way: string]: MigrationRules };
}

function changed(
  text: string,
  ...changes: readonly (readonly [string | RegExp, string])[]
): string {
  return changes.reduce((so, [from, to]) => {
    const next = so.replaceAll(from, to);
    if (next === so) throw new Error(`expected ${String(from)} in the definition`);
    return next;
  }, text);
}

const GARAGE_2 = changed(
  GARAGE,
  ["version: 1.0.0", "version: 2.0.0"],
  ["doing", "busy"],
  ["PT30M", "PT45M"],
  [
    "broken: { type: boolean, default: false } }",
    "broken: { type: boolean, default: false }, lane: { type: string, x-personal: true } }",
  ],
);

const GARAGE_3 = changed(
  GARAGE_2,
  ["version: 2.0.0", "version: 3.0.0"],
  ["  lines:\n    key", "  extras:\n    key"],
  ["item: lines", "item: extras"],
  ["in: lines", "in: extras"],
  [
    "        back: {",
    "        photos: { initial: none, states: { none: { after: { PT5M: some } }, some: { type: final } } }\n        back: {",
  ],
).concat("separation:\n  - { event: SIGN, notBy: [START] }\n");

const PARCEL_2 = changed(
  PARCEL,
  ["version: 1.0.0", "version: 2.0.0"],
  [/\bdesk\b/g, "counter"],
  [
    "    problem: { type: string }",
    "    problem: { type: string }\n    label: { type: string, x-personal: true }",
  ],
);

const PARCEL_3 = changed(
  PARCEL_2,
  ["version: 2.0.0", "version: 3.0.0"],
  ["      initial: moving", "      initial: driving"],
  [/\bmoving\b/g, "driving"],
  ["    retries: 1", "    retries: 2"],
).concat(
  "invariants:\n  - { id: whole, always: '= !broken || weight > 0.0' }\nseparation:\n  - { event: DELIVER, notBy: [HAND_OVER] }\n",
);

export const THREE_VERSIONS: readonly Versions[] = [
  {
    process: "garage",
    texts: [GARAGE, GARAGE_2, GARAGE_3],
    rules: {
      "0>1": {
        states: { "work.hands.doing": "work.hands.busy" },
        data: { lane: '= broken ? "scrap" : note' },
      },
      "1>0": { states: { "work.hands.busy": "work.hands.doing" }, drop: ["lane"] },
      "1>2": {
        states: {
          "work.papers.form": ["work.papers.form", "work.photos"],
          "work.papers.signed": ["work.papers.signed", "work.photos"],
        },
        items: { lines: { to: "extras" } },
      },
      "2>1": {
        states: { "work.photos": [] },
        items: { extras: { to: "lines" } },
      },
    },
  },
  {
    process: "parcel",
    texts: [PARCEL, PARCEL_2, PARCEL_3],
    rules: {
      "0>1": { states: { desk: "counter" }, data: { label: '= "w" + string(weight)' } },
      "1>0": { states: { counter: "desk" }, drop: ["label"] },
      "1>2": { states: { "road.moving": "road.driving" } },
      "2>1": { states: { "road.driving": "road.moving" } },
    },
  },
];
