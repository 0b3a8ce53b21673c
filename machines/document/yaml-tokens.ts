/** Cuts YAML into the tokens of its syntax, and gives up early on what is too deep or too long to be a definition. */

import { Lexer, Parser, type CST } from "yaml";
import { MAX_DEPTH, MAX_LEXEMES, tooDeep, tooManyParts } from "./bounds.ts";
import type { Flaw } from "./located.ts";

export type YamlTokens =
  | { readonly kind: "tokens"; readonly tokens: readonly CST.Token[] }
  | { readonly kind: "refused"; readonly offset: number; readonly flaw: Flaw };

const COLLECTIONS: ReadonlySet<CST.Token["type"]> = new Set<CST.Token["type"]>([
  "block-map",
  "block-seq",
  "flow-collection",
]);

/** After so many syntax errors the rest says nothing new. */
const MAX_SYNTAX_ERRORS = 20;

/**
 * The tokens of `text`. The lexer and the parser work without recursion and one lexeme at a time, so the parser's stack
 * shows the depth, of flow and block collections alike, before anything recursive sees the text.
 */
export function yamlTokens(text: string): YamlTokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const refused = (flaw: Flaw): YamlTokens => ({ kind: "refused", offset: parser.offset, flaw });
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_LEXEMES) return refused(tooManyParts);
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors += 1;
    }
    if (errors >= MAX_SYNTAX_ERRORS) return { kind: "tokens", tokens };
    if (parser.stack.length > MAX_DEPTH && depthOf(parser.stack) > MAX_DEPTH) {
      return refused(tooDeep);
    }
  }
  tokens.push(...parser.end());
  return { kind: "tokens", tokens };
}

function depthOf(stack: readonly CST.Token[]): number {
  return stack.filter((token) => COLLECTIONS.has(token.type)).length;
}
