/** Pages of the documentation that people write as Markdown, one file per language beside this one. */

import { readFile } from "node:fs/promises";
import { Marked, type Tokens } from "marked";
import type { Language } from "../../runtime/languages.ts";
import { framed } from "./frame.ts";

export type WrittenPage = "integrate" | "handbook";

/** @returns null when nobody has written the page in this language */
export async function markdownPage(name: WrittenPage, language: Language) {
  const file = new URL(`${name}.${language}.md`, import.meta.url);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  const { title, body } = rendered(text);
  return framed({
    language,
    title,
    path: `/docs/${name}`,
    body: `<article>${body}</article>`,
    styles: ["pages.css"],
    scripts: [],
  });
}

/** HTML in the text stays text, so a page can hold nothing but what Markdown says; headings can be linked to. */
export function rendered(text: string): { readonly title: string; readonly body: string } {
  let title = "";
  const marked = new Marked({
    renderer: {
      html: ({ text: markup }: Tokens.HTML | Tokens.Tag) => escaped(markup),
      heading({ depth, tokens, text: plain }: Tokens.Heading) {
        if (title === "") title = plain;
        const id = plain
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
          .replaceAll(/^-|-$/g, "");
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  const body = marked.parse(text, { async: false });
  return { title, body };
}

function escaped(markup: string): string {
  return markup.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
