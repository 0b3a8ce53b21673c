/** Plays the rows that are about things of a centre on a server with a wall down: which of them still hold? */

import type { TestServer } from "../server.ts";
import type { Store } from "../../../src/store/store.ts";
import { authority, isOfThing } from "./authority.ts";
import { createBoard } from "./board.ts";
import { OWN } from "./callers.ts";

/** @returns the rows that answered otherwise than the table says */
export async function leaking(server: TestServer): Promise<readonly string[]> {
  const board = await createBoard(server, ["admin", "advisor", "technician"]);
  const found: string[] = [];
  for (const row of authority().filter(isOfThing)) {
    const { wrong } = await board.play(row, OWN);
    if (wrong.length > 0) found.push(row.name);
  }
  await board.close();
  return found;
}

/** The same store, to which every scope is that of all centres. */
export function blindStore(store: Store): Store {
  return blind(store);
}

function blind<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return blind(member);
      // Of whose centres something is made is no question of who sees it.
      if (key === "create") return member;
      return (...given: readonly unknown[]): unknown => member.apply(target, given.map(widened));
    },
  });
}

/** A scope has no other member; work that gets a store of its own gets a blind one. */
function widened(value: unknown): unknown {
  if (typeof value === "function") {
    return (...given: readonly unknown[]): unknown => value(...given.map(seenBlindly));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return value;
  if (Object.keys(value).join() === "centres") return { centres: "*" };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, widened(member)]));
}

function seenBlindly(value: unknown): unknown {
  const isStore = typeof value === "object" && value !== null && "orders" in value;
  return isStore ? blind(value) : value;
}
