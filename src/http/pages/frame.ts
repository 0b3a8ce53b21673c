/** The frame around every page of the documentation: the head, the ways between pages, and the language. */

import { html, raw } from "hono/html";
import type { Language } from "../../runtime/languages.ts";
import { PAGE_WORDS } from "./words.ts";

export interface Page {
  readonly language: Language;
  readonly title: string;
  /** Where the page is, such as `/docs`. */
  readonly path: "/docs" | `/docs/${string}`;
  /** HTML of our own making. */
  readonly body: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}

export function framed({ language, title, path, body, styles, scripts }: Page) {
  const words = PAGE_WORDS[language];
  const other = language === "en" ? "zh" : "en";
  const link = (to: string, text: string) =>
    html`<a href="${to}?lang=${language}" ${to === path ? raw('aria-current="page"') : ""}
      >${text}</a
    >`;
  return html`<!doctype html>
    <html lang="${language === "zh" ? "zh-CN" : "en"}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Seven-step</title>
        <link rel="icon" href="data:," />
        ${styles.map((file) => html`<link rel="stylesheet" href="/docs/assets/${file}" />`)}
        ${scripts.map((file) => html`<script defer src="/docs/assets/${file}"></script>`)}
      </head>
      <body>
        <header>
          <strong>Seven-step</strong>
          <nav>
            ${link("/docs", words.reference)} ${link("/docs/integrate", words.integrate)}
            ${link("/docs/handbook", words.handbook)}
            <a href="/openapi.json">${words.download}</a>
            <a href="${path}?lang=${other}" hreflang="${other}" lang="${other}"
              >${words.otherLanguage}</a
            >
          </nav>
        </header>
        <main>${raw(body)}</main>
      </body>
    </html>`;
}
