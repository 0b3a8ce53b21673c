/** Compiles a definition document into an executable, or says everything that is wrong with it, in one pass. */

import { createChartMachine } from "../chart/machine.ts";
import type { DefinitionDocument, StateConfig } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import { expressionCompiler } from "../expression/create-compiler.ts";
import { checkReservedNames } from "../expression/reserved-names.ts";
import type { Finding } from "../finding.ts";
import { compileCalendars } from "../time/calendar.ts";
import { checkStructure } from "./checks/structure.ts";
import type { Chart, ChartState, Executable, ItemSpec } from "./executable.ts";
import type { OutlineIndex } from "./outline.ts";
import { outlineOf } from "./outline.ts";
import type { Reporter } from "./report.ts";
import { createReporter } from "./report.ts";
import { compileInvariants, compileMessages, compileSeparation, messagesByChart } from "./rules.ts";
import { compileEffects, compileJobs, compileSchema } from "./schemas.ts";
import { compileStates } from "./states.ts";
import { compileVocabulary } from "./vocabulary.ts";
import type { ChartSite, Workshop } from "./workshop.ts";

export interface Compiled {
  /** Null when a finding is an error. */
  readonly executable: Executable | null;
  /** Lines are null: the compiler sees data, the judge knows the text. */
  readonly findings: readonly Finding[];
}

export function compile(document: DefinitionDocument, digest: string): Compiled {
  const reporter = createReporter();
  const order = chartOutline(document.machine, "/machine", document.process, reporter);
  const collections = Object.entries(document.items ?? {}).map(([collection, declaration]) => {
    const pointer = childOf("/items", collection);
    const index = chartOutline(declaration.machine, `${pointer}/machine`, collection, reporter);
    const data = compileSchema(declaration.data, `${pointer}/data`, reporter);
    return { collection, declaration, index, data };
  });
  const data = compileSchema(document.data, "/data", reporter);
  reporter.add(checkReservedNames(document));
  const workshop: Workshop = {
    document,
    reporter,
    order,
    events: compileVocabulary(document, reporter),
    effects: compileEffects(document, reporter),
    jobs: compileJobs(document, [order, ...collections.map(({ index }) => index)], reporter),
    expressions: expressionCompiler({
      data: data.schema,
      collections: Object.fromEntries(
        collections.map((item) => [
          item.collection,
          { data: item.data.schema, states: [...item.index.byPath.keys()] },
        ]),
      ),
    }),
  };
  const messages = messagesByChart(document);
  const drafts = [
    { site: { collection: null, index: order } satisfies ChartSite },
    ...collections.map(({ collection, index }) => ({
      site: { collection, index } satisfies ChartSite,
    })),
  ].map(({ site }) => ({
    site,
    ...compileStates(workshop, site),
    messages: compileMessages(workshop, site, messages.get(site.collection) ?? new Set()),
  }));
  const invariants = compileInvariants(workshop);
  const separation = compileSeparation(workshop);
  const kept = compileCalendars(document.calendars ?? {}, "/calendars");
  reporter.add(kept.findings);
  const { findings } = reporter;
  if (findings.some(({ severity }) => severity === "error")) return { executable: null, findings };

  const charts = drafts.map(({ site, root, states, messages: texts }) =>
    chart(site.collection, root, states, texts),
  );
  const [orderChart, ...itemCharts] = charts;
  if (orderChart === undefined) throw new Error("A definition has a machine.");
  const items = new Map(
    collections.flatMap(
      ({ collection, declaration, data: itemData }, index): [string, ItemSpec][] => {
        const itemChart = itemCharts[index];
        if (itemChart === undefined) return [];
        return [
          [collection, { collection, key: declaration.key, data: itemData, chart: itemChart }],
        ];
      },
    ),
  );
  const { events, effects, jobs } = workshop;
  return {
    findings,
    executable: {
      document,
      digest,
      process: document.process,
      version: document.version,
      roles: document.roles ?? [],
      events,
      effects,
      jobs,
      data,
      order: orderChart,
      items,
      invariants,
      separation,
      calendars: kept.calendars,
    },
  };
}

function chartOutline(
  config: StateConfig,
  pointer: string,
  id: string,
  reporter: Reporter,
): OutlineIndex {
  const index = outlineOf(config, pointer, id, reporter);
  checkStructure(index, reporter);
  return index;
}

function chart(
  collection: string | null,
  root: ChartState,
  states: ReadonlyMap<string, ChartState>,
  messages: Chart["messages"],
): Chart {
  return { collection, root, states, messages, machine: createChartMachine(root) };
}
