/**
 * The written rules of a migration, from one version to another, compiled: what they name must be there, and what an
 * expression gives must fit where it goes. Expressions read the order as it is before.
 */

import { outlineOf } from "../compile/outline.ts";
import { checkFits, typeOf } from "../compile/checks/fits.ts";
import type { Chart, Executable } from "../compile/executable.ts";
import { createReporter, listed, type Reporter } from "../compile/report.ts";
import { compileTemplate, type Template } from "../compile/template.ts";
import type { Workshop } from "../compile/workshop.ts";
import { childOf } from "../document/pointer.ts";
import { present } from "../expression/cel-type.ts";
import { expressionCompiler } from "../expression/create-compiler.ts";
import type { ExpressionSite } from "../expression/compiler.ts";
import type { Finding } from "../finding.ts";
import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../json.ts";
import type { Versions } from "./carry.ts";

/** As they are written. Everything in it may be left out: then what bears the same name is the same. */
export interface MigrationRules {
  readonly from?: string;
  readonly to?: string;
  /** By path of a state that is left: a path, several, none where it ends, or an expression that gives it. */
  readonly states?: { readonly [path: string]: string | readonly string[] };
  /** By field: its value, in which texts that begin with `= ` are expressions. */
  readonly data?: JsonObject;
  readonly drop?: readonly string[];
  readonly items?: { readonly [collection: string]: ItemRules };
}

export interface ItemRules extends Pick<MigrationRules, "states" | "data" | "drop"> {
  readonly to?: string;
}

export interface CompiledRules extends CompiledPart {
  readonly items: ReadonlyMap<string, CompiledPart & { readonly to: string | null }>;
}

/** Of the order, or of the items of one collection. */
export interface CompiledPart {
  readonly states: ReadonlyMap<string, Template>;
  readonly data: ReadonlyMap<string, Template>;
  readonly drop: readonly string[];
}

/** @returns findings are errors; each points into the rules */
export function compileRules(
  { from, to }: Versions,
  rules: MigrationRules,
): { readonly rules: CompiledRules; readonly findings: readonly Finding[] } {
  const reporter = createReporter(true);
  const workshop = workshopOf(from, reporter);
  checkVersion(rules.from, from, "/from", reporter);
  checkVersion(rules.to, to, "/to", reporter);
  const part = partCompiler(workshop);
  const order = part(rules, {
    ...{ pointer: "", site: { event: null, item: null }, from: from.order, to: to.order },
    ...{ before: from.data.schema, after: to.data.schema },
  });
  const items = Object.entries(rules.items ?? {}).flatMap(([collection, own]) => {
    const pointer = childOf("/items", collection);
    const old = from.items.get(collection);
    const into = to.items.get(own.to ?? collection);
    if (old === undefined || into === undefined) {
      const [executable, name] = old === undefined ? [from, collection] : [to, own.to];
      missing(reporter, pointer, `a collection of ${executable.version}`, name ?? collection, [
        ...executable.items.keys(),
      ]);
      return [];
    }
    const compiled = part(own, {
      ...{ pointer, site: { event: null, item: collection }, from: old.chart, to: into.chart },
      ...{ before: old.data.schema, after: into.data.schema },
    });
    return [[collection, { ...compiled, to: own.to ?? null }] as const];
  });
  return { rules: { ...order, items: new Map(items) }, findings: reporter.findings };
}

interface Site {
  readonly pointer: string;
  readonly site: ExpressionSite;
  readonly from: Chart;
  readonly to: Chart;
  /** Schemas of the data before and after. */
  readonly before: JsonSchema;
  readonly after: JsonSchema;
}

function partCompiler(workshop: Workshop) {
  const { reporter } = workshop;
  return ({ states = {}, data = {}, drop = [] }: ItemRules, at: Site): CompiledPart => {
    const { pointer, site } = at;
    const targets = Object.entries(states).map(([path, target]) => {
      const place = childOf(pointer, "states", path);
      if (!at.from.states.has(path)) {
        missing(reporter, place, "a state of the version before", path, at.from.states.keys());
      }
      const template = compileTemplate(workshop, copied(target), site, place);
      checkTargets(template.literal, at.to, place, reporter);
      return [path, template] as const;
    });
    const fields = Object.entries(data).map(([field, value]) => {
      const place = childOf(pointer, "data", field);
      if (!fieldsOf(at.after).includes(field)) {
        missing(reporter, place, "a data field", field, fieldsOf(at.after));
      }
      const template = compileTemplate(workshop, value, site, place);
      const type = typeOf(at.after, field);
      // What becomes personal is sealed when it is recorded, and judged before that.
      if (present(type).kind !== "sealed") {
        checkFits(template, { name: `the data field "${field}"`, type }, place, reporter);
      }
      return [field, template] as const;
    });
    for (const [index, field] of drop.entries()) {
      if (fieldsOf(at.before).includes(field)) continue;
      missing(
        reporter,
        childOf(pointer, "drop", index),
        "a data field",
        field,
        fieldsOf(at.before),
      );
    }
    return { states: new Map(targets), data: new Map(fields), drop };
  };
}

function workshopOf({ document, ...from }: Executable, reporter: Reporter): Workshop {
  const collections = [...from.items].map(
    ([collection, { data, chart }]) =>
      [collection, { data: data.schema, states: [...chart.states.keys()] }] as const,
  );
  return {
    ...{ document, reporter, events: from.events, effects: from.effects, jobs: from.jobs },
    // It was judged when it was published: what it might say once more, nobody asks here.
    order: outlineOf(document.machine, "/machine", document.process, createReporter(false)),
    expressions: expressionCompiler({
      data: from.data.schema,
      collections: Object.fromEntries(collections),
    }),
  };
}

function checkTargets(
  literal: Json | undefined,
  to: Chart,
  pointer: string,
  reporter: Reporter,
): void {
  if (literal === undefined) return;
  for (const path of Array.isArray(literal) ? literal : [literal]) {
    const state = typeof path === "string" ? to.states.get(path) : undefined;
    if (state !== undefined && state.kind !== "history") continue;
    missing(reporter, pointer, "a state of the version after", String(path), to.states.keys());
  }
}

function checkVersion(
  named: string | undefined,
  { process, version }: Executable,
  pointer: string,
  reporter: Reporter,
): void {
  if (named === undefined || named === version) return;
  reporter.error(
    "migration-version",
    pointer,
    `Expected rules for ${process} ${version}, found ${named}.`,
    "Take the rules that were written for these two versions, or correct the version.",
  );
}

function missing(
  reporter: Reporter,
  pointer: string,
  expected: string,
  found: string,
  known: Iterable<string>,
): void {
  const names = [...known].filter((name) => name !== "");
  reporter.error(
    "migration-unknown-name",
    pointer,
    `Expected ${expected}, found "${found}".`,
    names.length === 0 ? "There is none." : `There are ${listed(names)}.`,
  );
}

function fieldsOf(schema: JsonSchema): readonly string[] {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function copied(target: string | readonly string[]): Json {
  return typeof target === "string" ? target : [...target];
}
