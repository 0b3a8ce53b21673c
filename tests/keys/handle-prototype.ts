/** What all handles of files are made of, to watch or break what they do. */

import { open } from "node:fs/promises";

export interface HandlePrototype {
  datasync: () => Promise<void>;
  write: (...given: readonly unknown[]) => Promise<unknown>;
}

export async function handlePrototype(path: string): Promise<HandlePrototype> {
  await using handle = await open(path, "r");
  const prototype: unknown = Object.getPrototypeOf(handle);
  if (!isPrototype(prototype)) throw new Error("expected handles with datasync and write");
  return prototype;
}

function isPrototype(value: unknown): value is HandlePrototype {
  if (typeof value !== "object" || value === null) return false;
  return ["datasync", "write"].every((name) => name in value);
}
