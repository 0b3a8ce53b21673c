/** `/docs`: the OpenAPI document made readable, by Swagger UI served from here; nothing is asked of any other host. */

import type { Language } from "../../runtime/languages.ts";
import { framed } from "./frame.ts";
import { PAGE_WORDS } from "./words.ts";

export function referencePage(language: Language) {
  const words = PAGE_WORDS[language];
  const body =
    `<div id="reference"><p>${words.loading}</p></div>` +
    `<noscript><p>${words.withoutScript}</p></noscript>`;
  return framed({
    language,
    title: words.reference,
    path: "/docs",
    body,
    styles: ["swagger-ui.css", "pages.css"],
    scripts: ["swagger-ui-bundle.js", "show-reference.js"],
  });
}
