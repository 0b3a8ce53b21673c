/** What a judge of a definition says about one place in it. */

/** `error`: it can't run or can't mean what it says, and publishing is refused. `warning`: it runs, but the designer should look. */
export type Severity = "error" | "warning";

export interface Finding {
  /** Stable kebab-case name of the rule that speaks, such as `unknown-target`. */
  readonly rule: string;
  readonly severity: Severity;
  /** JSON Pointer (RFC 6901) into the document; `""` is the whole document. */
  readonly pointer: string;
  /** Line in the source text, counted from 1; null when the document was given as data. */
  readonly line: number | null;
  /** What was expected and what was found. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
}
