/** Published definitions: a version never changes once it is published. */

import type { PageRequest } from "../keyset.ts";
import type { EpochMs, Page } from "../store.ts";

export interface NewDefinition {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  /** Canonical text, of which `digest` is the SHA-256. */
  readonly canonical: string;
  /** The document as it was sent, byte for byte. */
  readonly source: string;
  readonly format: "yaml" | "json";
  /** Who published. */
  readonly by: string;
}

export interface StoredDefinition extends NewDefinition {
  readonly at: EpochMs;
}

export interface DefinitionVersion {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly by: string;
  readonly at: EpochMs;
  /** New orders take this version. */
  readonly isDefault: boolean;
  /** Orders under this version that are not done. */
  readonly openOrders: number;
}

export interface DefaultVersion {
  readonly process: string;
  readonly version: string;
  readonly by: string;
  readonly at: EpochMs;
}

export interface Definitions {
  /**
   * `same`: this digest already stands under this version; `different`: another one does, and nothing was written.
   * Of several publishers at once exactly one gets `created`. A process's first version becomes its default.
   */
  readonly publish: (definition: NewDefinition) => Promise<"created" | "same" | "different">;
  readonly get: (process: string, version: string) => Promise<StoredDefinition | null>;
  readonly byDigest: (digest: string) => Promise<StoredDefinition | null>;
  /** Of every published version. */
  readonly digests: () => Promise<readonly string[]>;
  /** Processes with a published version, by name. */
  readonly processPage: (page: PageRequest) => Promise<Page<string>>;
  /** Newest publication first. */
  readonly versionPage: (
    request: PageRequest & { readonly process: string },
  ) => Promise<Page<DefinitionVersion>>;
  /** Oldest publication first. */
  readonly versions: (process: string) => Promise<readonly DefinitionVersion[]>;
  /** Every process with a published version, by name. */
  readonly processes: () => Promise<readonly string[]>;
  /** @returns false when the version is not published */
  readonly setDefault: (process: string, version: string, by: string) => Promise<boolean>;
  readonly getDefault: (process: string) => Promise<DefaultVersion | null>;
}
