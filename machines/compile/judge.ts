/** The one judgement of a definition's text: `check`, publishing and replay all call it. */

import { canonicalText, digestOf } from "../document/canonical.ts";
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
}

export function judge(text: string, format: "yaml" | "json"): Judgement {
  const { value, document, findings, locate } = parseDefinition(text, format);
  if (value === null || document === null) {
    return { executable: null, document, canonical: null, digest: null, findings };
  }
  const malformed = findings.some(({ severity }) => severity === "error");
  const canonical = malformed ? null : canonicalText(value);
  const digest = canonical === null ? null : digestOf(canonical);
  const compiled = compile(document, digest ?? "");
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
    findings: [...findings, ...located].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  };
}
