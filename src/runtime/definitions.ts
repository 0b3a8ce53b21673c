/** Definitions are judged, published once and for all, and kept compiled; publishing never changes what runs. */

import { createExecutables } from "../audit/executables.ts";
import { createLru } from "../audit/lru.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { documentOf } from "../../machines/document/canonical.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { DefinitionVersion } from "../store/contracts/definitions.ts";
import type { Store } from "../store/store.ts";
import { othersTurn } from "./in-turns.ts";
import { judgeHere, type Judge, type Judged } from "./judgement.ts";
import type {
  DefinitionSource,
  Definitions,
  JudgeResult,
  ProcessAnswer,
  VersionAnswer,
} from "./published.ts";
import { CASE_PROCESS, isCaseDefinition, reserved } from "./privacy/case-process.ts";
import { refused, type Refused } from "./refusal.ts";

/** What the runtime itself needs of published definitions. */
export interface Library {
  /** Null: not compiled at the moment; `load` does. */
  readonly peek: (digest: string) => Executable | null;
  /** Null: no such definition is published. */
  readonly load: (digest: string) => Promise<Executable | null>;
  /** @param version absent: the process's default */
  readonly resolve: (process: string, version?: string) => Promise<Executable | Refused>;
  /** The same, read by another store; what is compiled serves both. */
  readonly on: (store: Store) => Library;
}

const REMEMBERED_VERSIONS = 1_000;

export function createLibrary(store: Store, executables = createExecutables()): Library {
  // A published version never changes, so its digest may be remembered; the default may move at any time.
  const digests = createLru<string, string>(REMEMBERED_VERSIONS);

  // The first orders of a flood ask for one definition all at once.
  const loading = new Map<string, Promise<Executable | null>>();
  const compiled = async (digest: string): Promise<Executable | null> => {
    const stored = await store.definitions.byDigest(digest);
    return stored && executables.compileInTurns(digest, stored.canonical, othersTurn);
  };
  const load = async (digest: string): Promise<Executable | null> => {
    const present = executables.get(digest);
    if (present !== null) return present;
    const underWay = loading.get(digest) ?? compiled(digest).finally(() => loading.delete(digest));
    loading.set(digest, underWay);
    return underWay;
  };

  const loadVersion = async (process: string, version: string): Promise<Executable | Refused> => {
    const name = `${process} ${version}`;
    const remembered = digests.get(name);
    const executable = remembered === null ? null : await load(remembered);
    if (executable !== null) return executable;
    const stored = await store.definitions.get(process, version);
    if (stored === null) return unknown(process, version);
    digests.set(name, stored.digest);
    return executables.compileInTurns(stored.digest, stored.canonical, othersTurn);
  };

  return {
    peek: executables.get,
    load,
    resolve: async (process, version) => {
      if (version !== undefined) return loadVersion(process, version);
      const chosen = await store.definitions.getDefault(process);
      return chosen === null ? unknown(process) : loadVersion(process, chosen.version);
    },
    on: (other) => createLibrary(other, executables),
  };
}

/**
 * A process's first version becomes its default; every later one waits until `setDefault` chooses it, so that publishing
 * alone never changes which rules new orders follow.
 */
export function createDefinitions(store: Store, judge: Judge = judgeHere): Definitions {
  const versionsOf = async (process?: string): Promise<readonly VersionAnswer[]> => {
    const processes = process === undefined ? await store.definitions.processes() : [process];
    const versions = await Promise.all(processes.map((name) => store.definitions.versions(name)));
    return versions.flatMap((each) => each.map(versionAnswer).toReversed());
  };

  return {
    judge: (source) => judgedBy(judge, source),

    check: async (source) => {
      const result = await judgedBy(judge, source);
      if (result.kind === "refused") return result;
      const { definition, findings } = result.judged;
      if (definition === null) return { kind: "ok", ok: false, definition, findings };
      const { canonical: _canonical, ...identity } = definition;
      return { kind: "ok", ok: true, definition: identity, findings };
    },

    publish: async (caller, source, given) => {
      const result: JudgeResult =
        given === undefined ? await judgedBy(judge, source) : { kind: "ok", judged: given };
      if (result.kind === "refused") return result;
      const { judged } = result;
      if (judged.definition === null) return invalid(judged);
      const { process, version, digest, canonical } = judged.definition;
      if (process === CASE_PROCESS && !isCaseDefinition(digest)) return reserved("a definition");
      const { text, format } = source;
      const { findings } = judged;
      const definition = { process, version, digest, canonical, source: text, format };
      const outcome = await store.definitions.publish({ ...definition, by: caller.sub });
      if (outcome === "different") {
        return refused(
          "version-published",
          `${process} ${version} is published with other content, and a published version never changes: give this one a new version.`,
        );
      }
      const created = outcome === "created";
      return { kind: "ok", definition: { process, version, digest, findings }, created };
    },

    processes: async (page) => {
      const { items, nextCursor } = await store.definitions.processPage(page);
      const processes = items.map(async (process) =>
        processAnswer(process, await versionsOf(process)),
      );
      return { kind: "ok", items: await Promise.all(processes), nextCursor };
    },

    versionsOf: async (process, page) => {
      const { items, nextCursor } = await store.definitions.versionPage({ process, ...page });
      if (items.length === 0 && page.cursor === undefined) return unknown(process);
      return { kind: "ok", items: items.map(versionAnswer), nextCursor };
    },

    versions: versionsOf,

    source: async (process, version) => {
      const stored = await store.definitions.get(process, version);
      if (stored === null) return unknown(process, version);
      const answers = await versionsOf(process);
      const definition = answers.find((answer) => answer.version === version);
      if (definition === undefined) return unknown(process, version);
      return {
        kind: "ok",
        definition,
        source: { text: stored.source, format: stored.format },
        document: documentOf(stored.canonical),
      };
    },

    setDefault: async (caller, process, version) => {
      const found = await store.definitions.setDefault(process, version, caller.sub);
      return found ? { kind: "ok" } : unknown(process, version);
    },
  };
}

function processAnswer(process: string, versions: readonly VersionAnswer[]): ProcessAnswer {
  return {
    process,
    default: versions.find((version) => version.default)?.version ?? null,
    versions: versions.map(({ version }) => version),
    openOrders: versions.reduce((sum, version) => sum + version.openOrders, 0),
  };
}

async function judgedBy(judge: Judge, source: DefinitionSource): Promise<JudgeResult> {
  const judgement = await judge(source);
  switch (judgement.kind) {
    case "judged":
      return { kind: "ok", judged: judgement };
    case "costly":
      return refused(
        "definition-too-costly",
        "Expected a definition that can be judged in two seconds of work and 96 MB, found one that can't: split the process into several definitions.",
      );
    case "busy":
      return refused("judges-busy", "Many definitions are being judged: try again in a moment.");
  }
}

function invalid({ findings }: Judged): Refused {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return refused(
    "definition-invalid",
    `Expected a definition without errors, found ${errors}: each stands in \`findings\` with its place and its help.`,
    { findings },
  );
}

function versionAnswer(stored: DefinitionVersion): VersionAnswer {
  const { process, version, digest, at, by, isDefault, openOrders } = stored;
  const publication = { publishedAt: formatInstant(at), publishedBy: by };
  return { process, version, digest, ...publication, default: isDefault, openOrders };
}

function unknown(process: string, version?: string): Refused {
  return refused(
    "definition-unknown",
    version === undefined
      ? `Expected a published process, found none with the name "${process}".`
      : `Expected a published version, found no ${version} of "${process}".`,
  );
}
