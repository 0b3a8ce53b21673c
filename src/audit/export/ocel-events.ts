/** One order's entries as OCEL events, and the objects that they are about: the order, its items, who acted, whose it is. */

import { segmentsOf } from "../../../machines/document/pointer.ts";
import { isJsonObject, memberOf } from "../../../machines/json.ts";
import type { StateValue } from "../../../machines/order.ts";
import { activePaths } from "../../design/state-paths.ts";
import type { Entry } from "../entry.ts";
import { attributesIn, type Attribute } from "./attributes.ts";
import type { ChainedEntry } from "./chained-history.ts";
import { createHappenings } from "./happenings.ts";
import {
  FROM_THE_BEGINNING,
  type ExportedOrder,
  type OcelEvent,
  type OcelObject,
  type Relationship,
} from "./ocel.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface OcelOrder {
  /** Entries come in the order of their revisions. @param vocabulary of the entry's definition */
  readonly event: (chained: ChainedEntry, vocabulary: Vocabulary) => OcelEvent;
  /** Once all entries have come: the objects that no order told before. */
  readonly objects: () => readonly OcelObject[];
}

type ActorOf = (sub: string, role: string) => OcelObject | null;

/**
 * Objects that several orders share, those who act, are told with the first of them; their ids are remembered, and
 * nothing else is. No personal value is read: what stands sealed in the start is an object by its commitment, and no two
 * orders share one, because each commitment's salt is another. Two visits of one car are not one object, on purpose: what
 * joined them would outlive the car's owner's erasure.
 */
export function createOcelOrders(): (order: ExportedOrder) => OcelOrder {
  const roles = new Map<string, readonly string[]>();
  return (order) =>
    ocelOrder(order, (sub, role) => {
      const known = roles.get(sub) ?? [];
      if (known.includes(role)) return null;
      roles.set(sub, [...known, role]);
      const same = known.map((other) => ({
        objectId: actorId(sub, other),
        qualifier: "same-person",
      }));
      const type = actorType(role);
      return { id: actorId(sub, role), type, attributes: [], relationships: same };
    });
}

function ocelOrder(order: ExportedOrder, actorOf: ActorOf): OcelOrder {
  const { id, process, businessKey, centre, outcome } = order;
  const happenings = createHappenings();
  const own = createTimeline();
  const items = new Map<string, Timeline>();
  const actors: OcelObject[] = [];
  const groups: OcelObject[] = [];
  own.set(FROM_THE_BEGINNING, { process, businessKey, centre });

  const moved = ({ items: moves = {}, at }: Entry): readonly Relationship[] =>
    Object.entries(moves).map(([item, [before, after]]) => {
      const timeline = items.get(item) ?? createTimeline();
      items.set(item, timeline);
      timeline.set(before === null ? FROM_THE_BEGINNING : at, { state: stateText(after) });
      return { objectId: `${id}/${item}`, qualifier: before === null ? "opened" : "moved" };
    });

  return {
    event: ({ entry, hash }, vocabulary) => {
      const { revision, at, type, actor, after } = entry;
      const step = vocabulary.stepOf(after);
      const state = stateText(after);
      const { version } = vocabulary;
      own.set(revision === 1 ? FROM_THE_BEGINNING : at, { version, state, step });
      const acting = actorOf(actor.sub, actor.role);
      if (acting !== null) actors.push(acting);
      if (revision === 1) groups.push(...startedWith(entry, vocabulary));
      const moves = moved(entry);
      const named = addressed(entry, vocabulary, items);
      const of = { revision, state, step, hash };
      return {
        ...{ id: `${id}/${revision}`, type, time: at },
        attributes: distinct([...about(of), ...happenings(entry, vocabulary)]),
        relationships: [
          { objectId: id, qualifier: "order" },
          { objectId: actorId(actor.sub, actor.role), qualifier: "by" },
          ...(revision === 1 ? groups.map((group) => related(group, "about")) : []),
          ...moves,
          ...(named === null ? [] : [{ objectId: `${id}/${named}`, qualifier: "addressed" }]),
        ],
      };
    },
    objects: () => {
      own.setLast({ outcome });
      const parts = [...items].map(([item, timeline]): OcelObject => {
        const type = itemType(item.slice(0, item.indexOf("/")));
        const attributes = timeline.attributes();
        return { ...{ id: `${id}/${item}`, type, attributes }, relationships: [] };
      });
      const relationships = [
        ...groups.map((group) => related(group, group.type.slice(GROUP.length))),
        ...parts.map((part) => related(part, "has")),
      ];
      const whole = { id, type: ORDER_TYPE, attributes: own.attributes(), relationships };
      return [whole, ...groups, ...parts, ...actors];
    },
  };
}

const ORDER_TYPE = "work-order";
const GROUP = "data.";

function itemType(collection: string): string {
  return `item.${collection}`;
}

function actorType(role: string): string {
  return `actor.${role}`;
}

function actorId(sub: string, role: string): string {
  return `${actorType(role)}:${sub}`;
}

function related({ id }: OcelObject, qualifier: string): Relationship {
  return { objectId: id, qualifier };
}

/** Paths of the innermost active states. */
export function stateText(value: StateValue): string {
  return activePaths(value).join(" + ");
}

interface About {
  readonly revision: number;
  readonly state: string;
  readonly step: string | null;
  readonly hash: string;
}

/** With the hash whoever doubts an event finds the line that proves it. */
function about({ revision, state, step, hash }: About): readonly Attribute[] {
  return [
    { name: "sevenstep.revision", type: "integer", value: revision },
    { name: "sevenstep.state", type: "string", value: state },
    ...(step === null ? [] : [{ name: "sevenstep.step", type: "string", value: step } as const]),
    { name: "sevenstep.hash", type: "string", value: hash },
  ];
}

/** A payload may bear names of ours. */
function distinct(attributes: readonly Attribute[]): readonly Attribute[] {
  const ours = new Map(attributes.toReversed().map((each) => [each.name, each]));
  return [...ours.values()].toReversed();
}

/** What is sealed within a field of the data that the order was started with: a person, a car. */
function startedWith({ payload, sealed }: Entry, vocabulary: Vocabulary): readonly OcelObject[] {
  const { data } = payload;
  const found = new Map<string, OcelObject>();
  for (const [pointer, commitment] of Object.entries(sealed)) {
    const [root, group = "", field] = segmentsOf(pointer);
    const value = isJsonObject(data) ? memberOf(data, group) : undefined;
    if (root !== "data" || field === undefined || found.has(group) || !isJsonObject(value)) {
      continue;
    }
    const told = attributesIn(vocabulary.groups.get(group) ?? new Map(), value);
    const type = `${GROUP}${group}`;
    found.set(group, {
      ...{ id: `${type}:${commitment}`, type, relationships: [] },
      attributes: told.map((each) => ({ ...each, time: FROM_THE_BEGINNING })),
    });
  }
  return [...found.values()];
}

/** The item that the event's payload names, moved by it or not; null: none that was ever opened. */
function addressed(
  { type, payload }: Entry,
  { events }: Vocabulary,
  items: ReadonlyMap<string, Timeline>,
): string | null {
  const item = events.get(type)?.item ?? null;
  const name = item === null ? undefined : memberOf(payload, item.key);
  if (item === null || typeof name !== "string") return null;
  const path = `${item.collection}/${name}`;
  return items.has(path) ? path : null;
}
