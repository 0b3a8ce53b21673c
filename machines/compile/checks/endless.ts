/** Warns of states that lead to one another by delays of no length alone: an order that comes there writes entries for ever. */

import { isZero, parseDuration } from "../../time/duration.ts";
import type { Delay } from "../../time/delay.ts";
import { isProblem } from "../../time/problem.ts";
import type { Action, Chart, ChartState, CompiledDelay, Transition } from "../executable.ts";
import { listed, type Reporter } from "../report.ts";

type States = Chart["states"];

/** Where a state goes on to at once, whatever the data are. */
interface Link {
  readonly delay: CompiledDelay;
  /** What its transition enters that goes on at once, too. */
  readonly next: readonly ChartState[];
}

/** Only what is certain: a guard, an eventless transition or a raised event on the way may be the way out. */
export function checkEndless({ states }: Pick<Chart, "states">, reporter: Reporter): void {
  const links = endlessLinks(linksOf(states));
  const walked = new Set<ChartState>();
  for (const from of links.keys()) {
    const way: ChartState[] = [];
    let at: ChartState | undefined = from;
    while (at !== undefined && !walked.has(at)) {
      walked.add(at);
      way.push(at);
      at = links.get(at)?.next.find((state) => links.has(state));
    }
    const cycle = at === undefined ? [] : way.slice(way.indexOf(at));
    // It led into a cycle that is told already.
    if (at === undefined || !way.includes(at)) continue;
    reporter.warning(
      "endless-cycle",
      links.get(at)?.delay.pointer ?? at.pointer,
      `Expected time to pass, a guard or an event somewhere on the way from the state "${at.path}" back to it, found delays of no length alone: ${listed(cycle.map(({ path }) => path))}.`,
      "Give one of them a length, such as PT5M. As it is, an order that comes there goes round for ever, with an entry in its history each time.",
    );
  }
}

function linksOf(states: States): ReadonlyMap<ChartState, Link> {
  const sudden = new Map<ChartState, { delay: CompiledDelay; transition: Transition }>();
  for (const state of states.values()) {
    const delays = state.delays.filter(({ delay }) => isNothing(delay));
    const [delay, ...others] = delays;
    const transition = delay && state.on.get(delay.event)?.[0];
    if (delay === undefined || transition === undefined || others.length > 0) continue;
    if (isCertain(state, transition)) sudden.set(state, { delay, transition });
  }
  const links = new Map<ChartState, Link>();
  for (const [state, { delay, transition }] of sudden) {
    // A state around it that goes on at once takes it along.
    if (ancestorsOf(state).some((around) => sudden.has(around))) continue;
    const next = enteredBy(state, transition, states).filter((each) => sudden.has(each));
    links.set(state, { delay, next });
  }
  return links;
}

/** Those that lead on for ever: without the ones that lead nowhere, then those that led to these alone, and so on. */
function endlessLinks(links: ReadonlyMap<ChartState, Link>): ReadonlyMap<ChartState, Link> {
  const before = new Map<ChartState, ChartState[]>();
  const waysOn = new Map<ChartState, number>();
  for (const [state, { next }] of links) {
    const linked = next.filter((each) => links.has(each));
    waysOn.set(state, linked.length);
    for (const each of linked) before.set(each, [...(before.get(each) ?? []), state]);
  }
  const endless = new Map(links);
  const ends = [...links.keys()].filter((state) => waysOn.get(state) === 0);
  for (const end of ends) {
    endless.delete(end);
    for (const state of before.get(end) ?? []) {
      const left = (waysOn.get(state) ?? 0) - 1;
      waysOn.set(state, left);
      if (left === 0) ends.push(state);
    }
  }
  return endless;
}

function isNothing(delay: Delay): boolean {
  if (delay.kind !== "expression") return isZero(delay.duration);
  const [, , text] = /^(["'])([^"'\\]*)\1$/.exec(delay.source) ?? [];
  const duration = text === undefined ? null : parseDuration(text);
  return duration !== null && !isProblem(duration) && isZero(duration);
}

function isCertain(state: ChartState, { guard, actions }: Transition): boolean {
  const around = [state, ...ancestorsOf(state)];
  const mayTurn = [...actions, ...state.entry, ...state.exit].some(({ kind }) => TURNING[kind]);
  return guard === null && !mayTurn && around.every(({ always }) => always.length === 0);
}

/** Actions by which another event may come at once. */
const TURNING = {
  ...{ assign: false, effect: false },
  ...{ raise: true, open: true, send: true },
} as const satisfies Record<Action["kind"], boolean>;

/** What a transition surely enters, the states around its targets included (SCXML 3.13). */
function enteredBy(
  source: ChartState,
  { targets, reenter }: Transition,
  states: States,
): readonly ChartState[] {
  const aims = (targets ?? []).flatMap((path) => states.get(path) ?? []);
  const isWithin = aims.every((aim) => aim === source || ancestorsOf(aim).includes(source));
  const staysIn = isWithin && !reenter ? [source, ...ancestorsOf(source)] : ancestorsOf(source);
  const kept = staysIn.find((state) =>
    aims.every((aim) => aim === source || ancestorsOf(aim).includes(state)),
  );
  return aims.flatMap((aim) => {
    const entered = [aim, ...ancestorsOf(aim)];
    const above = kept === undefined ? entered : entered.slice(0, entered.indexOf(kept));
    return [...above, ...inside(aim, states)];
  });
}

/** What is entered by default with a state. */
function inside(state: ChartState, states: States): readonly ChartState[] {
  const found = [state];
  for (const each of found) {
    if (each.kind === "parallel") found.push(...each.children.filter(isNoHistory));
    const initial = each.initial === null ? undefined : states.get(each.initial);
    if (initial !== undefined && isNoHistory(initial)) found.push(initial);
  }
  return found.slice(1);
}

function isNoHistory({ kind }: ChartState): boolean {
  return kind !== "history";
}

function ancestorsOf({ parent }: ChartState): readonly ChartState[] {
  const found: ChartState[] = [];
  for (let at = parent; at !== null; at = at.parent) found.push(at);
  return found;
}
