/** Compiles a definition document into an executable, or says everything that is wrong with it, in one pass. */

import { createChartMachine } from "../chart/machine.ts";
import type { DefinitionDocument, StateConfig } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import { expressionCompiler } from "../expression/create-compiler.ts";
import { checkReservedNames } from "../expression/reserved-names.ts";
import type { Finding } from "../finding.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import { compileCalendars } from "../time/calendar.ts";
import { checkEndless } from "./checks/endless.ts";
import { checkReachability } from "./checks/reachability.ts";
import { checkStructure } from "./checks/structure.ts";
import { checkTexts } from "./checks/texts.ts";
import type { Chart, Executable, ItemSpec } from "./executable.ts";
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

export interface Condition {
  /** Parts of its machines were malformed and are missing: what leads where can't be judged. */
  readonly isTorn?: boolean;
  /** The whole of it was judged before, when it was published: its schemas are taken as they are. */
  readonly isPublished?: boolean;
}

export function compile(
  document: DefinitionDocument,
  digest: string,
  { isTorn = false, isPublished = false }: Condition = {},
): Compiled {
  const reporter = createReporter(!isPublished);
  const order = chartOutline(document.machine, "/machine", document.process, reporter);
  const collections = collectionsOf(document, reporter);
  const data = compileSchema(document.data, "/data", reporter);
  reporter.add(checkReservedNames(document));
  const workshop = workshopOf(document, order, collections, data, reporter);
  const messages = messagesByChart(document);
  const draft = (site: ChartSite): Draft => ({
    collection: site.collection,
    ...compileStates(workshop, site),
    messages: compileMessages(workshop, site, messages.get(site.collection) ?? new Set()),
  });
  const orderDraft = draft({ collection: null, index: order });
  const itemDrafts = collections.map((item) => ({ ...item, draft: draft(item) }));
  const invariants = compileInvariants(workshop);
  const separation = compileSeparation(workshop);
  const kept = compileCalendars(document.calendars ?? {}, "/calendars");
  reporter.add(kept.findings);
  // They warn, and nobody listens any more.
  if (!isPublished && !isTorn && !reporter.findings.some(tears)) {
    for (const each of [orderDraft, ...itemDrafts.map((item) => item.draft)]) {
      checkReachability(each, reporter);
      checkEndless(each, reporter);
    }
  }
  if (!isPublished) checkTexts(document, reporter);
  const { findings } = reporter;
  if (findings.some(({ severity }) => severity === "error")) return { executable: null, findings };

  const items = itemDrafts.map(
    ({ collection, key, data: itemData, draft: itemDraft }): ItemSpec => ({
      collection,
      key,
      data: itemData,
      chart: chartOf(itemDraft, isPublished),
    }),
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
      order: chartOf(orderDraft, isPublished),
      items: new Map(items.map((item) => [item.collection, item])),
      invariants,
      separation,
      calendars: kept.calendars,
    },
  };
}

/** Errors that hide where transitions and initial states lead. */
const TEARING: ReadonlySet<string> = new Set([
  ...["unknown-target", "initial-missing", "initial-unknown", "initial-misplaced"],
  ...["duplicate-id", "no-inner-states", "inner-states-misplaced", "targets-exclude-each-other"],
]);

function tears({ rule }: Finding): boolean {
  return TEARING.has(rule);
}

/** An item collection before its states are compiled. */
interface Collection {
  readonly collection: string;
  readonly key: string;
  readonly index: OutlineIndex;
  readonly data: PayloadSchemas;
}

/** A chart whose machine is made only once the whole document is without errors. */
type Draft = Omit<Chart, "machine">;

function collectionsOf(document: DefinitionDocument, reporter: Reporter): readonly Collection[] {
  return Object.entries(document.items ?? {}).map(([collection, declaration]) => {
    const pointer = childOf("/items", collection);
    const index = chartOutline(declaration.machine, `${pointer}/machine`, collection, reporter);
    const data = compileSchema(declaration.data, `${pointer}/data`, reporter);
    return { collection, key: declaration.key, index, data };
  });
}

function workshopOf(
  document: DefinitionDocument,
  order: OutlineIndex,
  collections: readonly Collection[],
  data: PayloadSchemas,
  reporter: Reporter,
): Workshop {
  return {
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

/** To make the machine is half of the work of compiling: what was published makes it when it is first asked for. */
function chartOf(draft: Draft, isPublished: boolean): Chart {
  if (!isPublished) return { ...draft, machine: createChartMachine(draft.root) };
  let machine: Chart["machine"] | null = null;
  return {
    ...draft,
    get machine() {
      return (machine ??= createChartMachine(draft.root));
    },
  };
}
