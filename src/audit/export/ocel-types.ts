/** The types of an object-centric log, as they are met: for each the attributes that its events or objects have. */

import { widened, type Attribute, type AttributeType } from "./attributes.ts";

export interface OcelTypes {
  /** @returns the attributes that are new to the type, or whose own type is another one now */
  readonly meet: (type: string, attributes: readonly Attribute[]) => readonly Met[];
  /** By name. */
  readonly all: () => ReadonlyMap<string, ReadonlyMap<string, AttributeType>>;
}

export interface Met {
  readonly name: string;
  readonly type: AttributeType;
  /** Before; null: it is new. */
  readonly before: AttributeType | null;
}

/** Holds as much as definitions declare, however long the log is. */
export function createOcelTypes(): OcelTypes {
  const types = new Map<string, Map<string, AttributeType>>();
  return {
    meet: (type, attributes) => {
      const known = types.get(type) ?? new Map<string, AttributeType>();
      types.set(type, known);
      return attributes.flatMap(({ name, type: of }) => {
        const before = known.get(name) ?? null;
        const now = before === null ? of : widened(before, of);
        if (now === before) return [];
        known.set(name, now);
        return [{ name, type: now, before }];
      });
    },
    all: () => types,
  };
}
