/** State values and active nodes in document order: jsonb, other tools and XState's own sets may have lost it. */

import type { AnyStateNode } from "xstate";
import type { StateValue } from "../order.ts";

/** Sorts in place, so that the array that XState reads next is the one in order. */
export function inDocumentOrder<Node extends { readonly order: number }>(nodes: Node[]): Node[] {
  // Nearly always they are in order already, and a sort allocates.
  let last = -1;
  for (const { order } of nodes) {
    if (order < last) {
      nodes.sort((a, b) => a.order - b.order);
      break;
    }
    last = order;
  }
  return nodes;
}

/**
 * The active nodes that a value names, in document order.
 * @throws {RangeError} when the value is not one legal configuration: XState itself would fill it up silently
 */
export function activeNodes(root: AnyStateNode, value: StateValue): AnyStateNode[] {
  const nodes: AnyStateNode[] = [];
  collect(root, value, nodes);
  return inDocumentOrder(nodes);
}

function collect(node: AnyStateNode, value: StateValue, into: AnyStateNode[]): void {
  into.push(node);
  const inner = typeof value === "string" ? { [value]: {} } : value;
  const keys = Object.keys(inner);
  const expected = Object.values<AnyStateNode>(node.states).filter(
    (child) => child.type !== "history",
  );
  const legal = expected.length === 0 ? 0 : node.type === "parallel" ? expected.length : 1;
  if (keys.length !== legal) throw illegal(node, value);
  for (const child of expected) {
    const childValue = Object.hasOwn(inner, child.key) ? inner[child.key] : undefined;
    if (childValue !== undefined) collect(child, childValue, into);
    else if (node.type === "parallel") throw illegal(node, value);
  }
  if (node.type !== "parallel" && legal === 1 && !expected.some((child) => child.key === keys[0])) {
    throw illegal(node, value);
  }
}

function illegal(node: AnyStateNode, value: StateValue): RangeError {
  const where = node.path.length === 0 ? "the root" : `state "${node.path.join(".")}"`;
  return new RangeError(`${where} can't be in ${JSON.stringify(value)}.`);
}

/** XState's state value of a full, ordered set of active nodes. */
export function valueOf(nodes: readonly AnyStateNode[]): StateValue {
  const children = new Map<AnyStateNode, AnyStateNode[]>();
  for (const node of nodes) {
    if (node.parent === undefined) continue;
    const siblings = children.get(node.parent);
    if (siblings === undefined) children.set(node.parent, [node]);
    else siblings.push(node);
  }
  const root = nodes[0];
  return root === undefined ? {} : valueAt(root, children);
}

function valueAt(
  node: AnyStateNode,
  children: ReadonlyMap<AnyStateNode, readonly AnyStateNode[]>,
): StateValue {
  const inner = children.get(node) ?? [];
  const only = inner[0];
  if (node.type === "compound" && only !== undefined && !children.has(only)) return only.key;
  const value: Record<string, StateValue> = {};
  for (const child of inner) value[child.key] = valueAt(child, children);
  return value;
}
