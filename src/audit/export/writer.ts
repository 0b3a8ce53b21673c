/** The forms in which histories are exported as text, each written order by order, so that no form needs more than one at a time. */

import type { ChainedEntry } from "./chained-history.ts";
import { createOcelJson } from "./ocel-json.ts";
import { createOcelOrders } from "./ocel-events.ts";
import type { ExportedOrder } from "./ocel.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { xesBegin, xesEnd, xesEvent, xesTrace, xesTraceEnd } from "./xes.ts";

export const EXPORT_FORMATS = ["ocel2", "xes", "ndjson"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_MEDIA_TYPES = {
  ocel2: "application/json",
  xes: "application/xml",
  ndjson: "application/x-ndjson",
} as const satisfies Record<ExportFormat, string>;

export interface ExportWriter {
  readonly begin: () => string;
  readonly order: (order: ExportedOrder) => OrderWriter;
  /** After the last order: what comes before all that was to come later. */
  readonly middle: () => string;
  readonly end: () => string;
}

export interface OrderWriter {
  readonly begin: () => string;
  /** Entries come in the order of their revisions. */
  readonly entry: (told: ToldEntry) => string;
  /** `later` comes behind all orders' own. */
  readonly end: () => { readonly now: string; readonly later: string };
}

export interface ToldEntry extends ChainedEntry {
  /** As it is stored. */
  readonly line: string;
  /** Of its definition. */
  readonly vocabulary: Vocabulary;
}

export function createExportWriter(format: ExportFormat): ExportWriter {
  return WRITERS[format]();
}

const WRITERS = {
  ocel2: ocelWriter,
  xes: xesWriter,
  ndjson: linesWriter,
} as const satisfies Record<ExportFormat, () => ExportWriter>;

function ocelWriter(): ExportWriter {
  const orders = createOcelOrders();
  const json = createOcelJson();
  return {
    begin: json.begin,
    order: (order) => {
      const ocel = orders(order);
      return {
        begin: nothing,
        entry: (told) => json.event(ocel.event(told, told.vocabulary)),
        end: () => ({ now: "", later: ocel.objects().map(json.object).join("") }),
      };
    },
    middle: json.betweenEventsAndObjects,
    end: json.end,
  };
}

function xesWriter(): ExportWriter {
  return {
    begin: xesBegin,
    order: (order) => {
      const ocel = createOcelOrders()(order);
      return {
        begin: () => xesTrace(order),
        entry: (told) => {
          const { actor } = told.entry;
          return xesEvent({ ...ocel.event(told, told.vocabulary), actor });
        },
        end: () => ({ now: xesTraceEnd(), later: "" }),
      };
    },
    middle: nothing,
    end: xesEnd,
  };
}

/** The stored lines themselves: whoever has them can check the chain by hand. */
function linesWriter(): ExportWriter {
  return {
    begin: nothing,
    order: () => ({
      begin: nothing,
      entry: ({ line }) => `${line}\n`,
      end: () => ({ now: "", later: "" }),
    }),
    middle: nothing,
    end: nothing,
  };
}

function nothing(): string {
  return "";
}
