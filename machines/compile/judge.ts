/** The one judgement of a definition's text: `check`, publishing and replay all call it. */

import { canonicalText, digestOf, documentOf } from "../document/canonical.ts";
import { shapeOf } from "../document/check-shape.ts";
import type { DefinitionDocument } from "../document/document.ts";
import { parseDefinition } from "../document/parse.ts";
import type { Finding } from "../finding.ts";
import { compile } from "./compile.ts";
import type { Executable } from "./executable.ts";

export interface Judgement {
  /** Null when a finding is an error. */
  readonly executable: Executable | null;
  /** The well-formed part of the document; null when there is nothing to go on. */
  readonly document: DefinitionDocument | null;
  /** Canonical form and digest of the whole document; null when a finding is an error. */
  readonly canonical: string | null;
  readonly digest: string | null;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  /** Line of a place in the text, or of the nearest place around it; null when nothing could be read. */
  readonly locate: (pointer: string) => number | null;
}

export function judge(text: string, format: "yaml" | "json"): Judgement {
  const { value, document, findings, locate } = parseDefinition(text, format);
  if (value === null || document === null) {
    return { executable: null, document, canonical: null, digest: null, findings, locate };
  }
  const malformed = findings.some(({ severity }) => severity === "error");
  const canonical = malformed ? null : canonicalText(value);
  const digest = canonical === null ? null : digestOf(canonical);
  const compiled = compile(
    canonical === null ? document : inCanonicalOrder(canonical, document),
    digest ?? "",
    { isTorn: findings.some(isInMachine) },
  );
  const located = compiled.findings.map((finding) => ({
    ...finding,
    line: locate(finding.pointer),
  }));
  const sound = canonical !== null && compiled.executable !== null;
  return {
    executable: sound ? compiled.executable : null,
    document,
    canonical: sound ? canonical : null,
    digest: sound ? digest : null,
    findings: [...findings, ...located].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    locate,
  };
}

function isInMachine({ pointer }: Finding): boolean {
  return /^(\/items\/[^/]+)?\/machine(\/|$)/.test(pointer) || /^\/items(\/[^/]+)?$/.test(pointer);
}

/**
 * The document that the digest stands for, its keys as the canonical form keeps them: whoever compiles it years later
 * from that form alone gets the same executable, down to the order of keys in what it computes.
 */
function inCanonicalOrder(canonical: string, document: DefinitionDocument): DefinitionDocument {
  const shape = shapeOf(documentOf(canonical));
  return shape.kind === "whole" ? shape.document : document;
}
