/** What a judge says of a definition's text, in a form that can leave the thread that judged. */

import { judge } from "../../machines/compile/judge.ts";
import type { Finding } from "../../machines/finding.ts";
import type { DefinitionSource } from "./published.ts";

export interface Judged {
  readonly kind: "judged";
  /** What it is published as; null when a finding is an error. */
  readonly definition: JudgedDefinition | null;
  readonly findings: readonly Finding[];
}

export interface JudgedDefinition {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly canonical: string;
}

/** `costly`: it took more time or memory than a judgement may. `busy`: too many others wait. */
export type Judgement = Judged | { readonly kind: "costly" } | { readonly kind: "busy" };

/** What a thread that judges says: that it is there, what it has worked until it begins, and what it found. */
export type FromJudge = "ready" | { readonly kind: "judging"; readonly workedUs: number } | Judged;

export type Judge = (source: DefinitionSource) => Promise<Judgement>;

/** In this very thread: for texts that somebody trusted wrote. */
export const judgeHere: Judge = (source) => Promise.resolve(judged(source));

export function judged({ text, format }: DefinitionSource): Judged {
  const { executable, canonical, findings } = judge(text, format);
  if (executable === null || canonical === null) {
    return { kind: "judged", definition: null, findings };
  }
  const { process, version, digest } = executable;
  return { kind: "judged", definition: { process, version, digest, canonical }, findings };
}
