/** Compiles what a document says about the whole order: invariants, separation of duties, customer messages. */

import type { DefinitionDocument } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { Expression } from "../evaluation.ts";
import { checkTruth } from "./checks/truth.ts";
import type { CompiledInvariant, MessageSpec, SeparationRule } from "./executable.ts";
import { splitPlaceholders } from "./placeholders.ts";
import { listed } from "./report.ts";
import type { ChartSite, Workshop } from "./workshop.ts";
import { compileExpression } from "./workshop.ts";

export function compileInvariants(workshop: Workshop): readonly CompiledInvariant[] {
  const ids = new Set<string>();
  return (workshop.document.invariants ?? []).flatMap(({ id, always }, index) => {
    if (ids.has(id)) {
      workshop.reporter.error(
        "duplicate-id",
        childOf("/invariants", index, "id"),
        `Expected an id of its own, found "${id}", which is the id of an invariant above already.`,
        "Give one of the two another id: a refusal names the invariant by it.",
      );
    }
    ids.add(id);
    const pointer = childOf("/invariants", index, "always");
    const expression = compileExpression(workshop, always, { event: null, item: null }, pointer);
    if (expression === null) return [];
    checkTruth(expression, "invariant-type", "an invariant", pointer, workshop.reporter);
    return [{ id, pointer, always: expression }];
  });
}

export function compileSeparation(workshop: Workshop): readonly SeparationRule[] {
  const { document, reporter, events, order } = workshop;
  return (document.separation ?? []).map((rule, index) => {
    const pointer = childOf("/separation", index);
    const named: readonly (readonly [string, string])[] = [
      [rule.event, `${pointer}/event`],
      ...rule.notBy.map((event, at) => [event, `${pointer}/notBy/${at}`] as const),
    ];
    for (const [event, at] of named) {
      if (events.has(event)) continue;
      reporter.error(
        "unknown-event",
        at,
        `Expected an event of the document, found "${event}".`,
        `The events are ${listed(events.keys())}.`,
      );
    }
    if (rule.in !== undefined && !order.byPath.has(rule.in)) {
      reporter.error(
        "unknown-state",
        `${pointer}/in`,
        `Expected the path of a state, found "${rule.in}".`,
        "Write the keys from the root with dots between them, such as quality.peerCheck.",
      );
    }
    return { pointer, event: rule.event, in: rule.in ?? null, notBy: rule.notBy };
  });
}

/** The messages, each compiled for every chart that notifies with it: an item's message may read `item`. */
export function compileMessages(
  workshop: Workshop,
  chart: ChartSite,
  used: ReadonlySet<string>,
): ReadonlyMap<string, MessageSpec> {
  const messages = new Map<string, MessageSpec>();
  for (const [key, text] of Object.entries(workshop.document.messages ?? {})) {
    if (!used.has(key)) continue;
    const pointer = childOf("/messages", key);
    const texts = typeof text === "string" ? [["", text] as const] : Object.entries(text);
    const expressions = new Map<string, Expression>();
    for (const [language, words] of texts) {
      const at = language === "" ? pointer : childOf(pointer, language);
      for (const piece of splitPlaceholders(words)) {
        if (typeof piece === "string") {
          checkClosed(workshop, piece, at);
          continue;
        }
        const expression = compileExpression(
          workshop,
          `= ${piece.source}`,
          { event: null, item: chart.collection },
          at,
        );
        if (expression !== null) expressions.set(piece.source, expression);
      }
    }
    messages.set(key, { expressions });
  }
  return messages;
}

/** An opening that nothing closes stands in the customer's text as written. */
function checkClosed(workshop: Workshop, literal: string, pointer: string): void {
  const open = literal.indexOf("{{");
  if (open < 0) return;
  const rest = literal.slice(open);
  workshop.reporter.warning(
    "placeholder-unclosed",
    pointer,
    `Expected \`}}\` after \`{{\`, found "${rest.length > 40 ? `${rest.slice(0, 40)}…` : rest}".`,
    "Close the placeholder: {{ customer.name }}. As it is, the customer reads the braces.",
  );
}

/** Keys of messages that a chart's effects name; a message that none names is judged as if the order did. */
export function messagesByChart(
  document: DefinitionDocument,
): ReadonlyMap<string | null, ReadonlySet<string>> {
  const byChart = new Map<string | null, Set<string>>();
  const named = new Set<string>();
  const visit = (value: unknown, keys: Set<string>): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "message" && typeof member === "string") {
        keys.add(member);
        named.add(member);
      } else visit(member, keys);
    }
  };
  for (const [collection, item] of Object.entries(document.items ?? {})) {
    const keys = new Set<string>();
    visit(item.machine, keys);
    byChart.set(collection, keys);
  }
  const own = new Set<string>();
  visit(document.machine, own);
  for (const key of Object.keys(document.messages ?? {})) if (!named.has(key)) own.add(key);
  return byChart.set(null, own);
}
