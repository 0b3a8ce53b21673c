/** A statechart's tree of states by path and by id, before anything in it is compiled. */

import type { StateConfig } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { StateKind } from "./executable.ts";
import type { Reporter } from "./report.ts";
import { listed } from "./report.ts";

export interface Outline {
  readonly path: string;
  readonly key: string;
  readonly pointer: string;
  readonly kind: StateKind;
  readonly config: StateConfig;
  readonly parent: Outline | null;
  readonly children: readonly Outline[];
}

export interface OutlineIndex {
  readonly root: Outline;
  readonly byPath: ReadonlyMap<string, Outline>;
  /** By the `id` that the document gives, and the root's also by `defaultId`. */
  readonly byId: ReadonlyMap<string, Outline>;
}

/** @param defaultId the root's id when the document gives none: the process, or the item collection */
export function outlineOf(
  config: StateConfig,
  pointer: string,
  defaultId: string,
  reporter: Reporter,
): OutlineIndex {
  const byPath = new Map<string, Outline>();
  const byId = new Map<string, Outline>();
  const visit = (inner: StateConfig, at: string, key: string, parent: Outline | null): Outline => {
    const path = parent === null ? "" : parent.path === "" ? key : `${parent.path}.${key}`;
    const children: Outline[] = [];
    const outline: Outline = {
      path,
      key,
      pointer: at,
      kind: kindOf(inner),
      config: inner,
      parent,
      children,
    };
    byPath.set(path, outline);
    const id = inner.id ?? (parent === null ? defaultId : undefined);
    if (id !== undefined) registerId(id, outline, byId, reporter);
    for (const [childKey, child] of Object.entries(inner.states ?? {})) {
      children.push(visit(child, childOf(at, "states", childKey), childKey, outline));
    }
    return outline;
  };
  const root = visit(config, pointer, defaultId, null);
  return { root, byPath, byId };
}

function registerId(
  id: string,
  outline: Outline,
  byId: Map<string, Outline>,
  reporter: Reporter,
): void {
  const first = byId.get(id);
  if (first === undefined) {
    byId.set(id, outline);
    return;
  }
  reporter.error(
    "duplicate-id",
    `${outline.pointer}/id`,
    `Expected an id of its own, found "${id}", which is the id of the state "${first.path}" already.`,
    "Give one of the two states another id, and follow the targets that name it.",
  );
}

function kindOf(config: StateConfig): StateKind {
  if (config.type !== undefined) return config.type;
  if (config.history !== undefined && config.history !== false) return "history";
  return Object.keys(config.states ?? {}).length > 0 ? "compound" : "atomic";
}

/**
 * The state that a target names, by XState's rules: `#id` and `#id.path` from anywhere, `.path` below the source,
 * otherwise a path from the source's parent.
 * @returns null after reporting what was found instead
 */
export function resolveTarget(
  index: OutlineIndex,
  source: Outline,
  target: string,
  pointer: string,
  reporter: Reporter,
): Outline | null {
  const base = baseOf(index, source, target);
  if (base === null || base.from === null) {
    const message =
      base === null ? rootTargetMessage(target) : `Expected the id of a state, found "${target}".`;
    const help =
      base === null
        ? `From the root, write ".${target}" for its child, or "#id".`
        : `The ids here are ${listed(index.byId.keys())}; add \`id\` to the state that is meant.`;
    reporter.error("unknown-target", pointer, message, help);
    return null;
  }
  let at: Outline = base.from;
  for (const key of base.keys) {
    const child = at.children.find((candidate) => candidate.key === key);
    if (child === undefined) {
      reporter.error(
        "unknown-target",
        pointer,
        `Expected a state, found "${target}": "${at.path === "" ? "the root" : at.path}" has no child "${key}".`,
        `Its children are ${listed(at.children.map((candidate) => candidate.key))}; a state elsewhere is reached by "#id".`,
      );
      return null;
    }
    at = child;
  }
  return at;
}

function baseOf(
  index: OutlineIndex,
  source: Outline,
  target: string,
): { readonly from: Outline | null; readonly keys: readonly string[] } | null {
  if (target.startsWith("#")) {
    const [id = "", ...keys] = target.slice(1).split(".");
    return { from: index.byId.get(id) ?? null, keys };
  }
  if (target.startsWith(".")) return { from: source, keys: target.slice(1).split(".") };
  return source.parent === null ? null : { from: source.parent, keys: target.split(".") };
}

function rootTargetMessage(target: string): string {
  return `Expected a target that the root can name, found "${target}": the root has no siblings.`;
}
