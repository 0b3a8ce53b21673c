/** `/docs`: the documentation that people read, from this server alone; the one place that answers with pages. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { LANGUAGES, type Language } from "../../runtime/languages.ts";
import type { HttpEnv, Routes } from "../context.ts";
import { languageOf } from "../language.ts";
import { assetOf } from "../pages/assets.ts";
import { markdownPage, type WrittenPage } from "../pages/markdown.ts";
import { referencePage } from "../pages/reference.ts";
import { ProblemError } from "../problem.ts";

const CACHE_S = 3600;

/** Swagger UI draws its icons from `data:` images; it runs no script but its own file, and asks nobody but us. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Goes before the headers of data, and so has the last word about those of pages. */
export const pageHeaders = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.header("Content-Security-Policy", PAGE_POLICY);
  if (c.res.ok) c.header("Cache-Control", `public, max-age=${CACHE_S}`);
});

const WRITTEN = ["integrate", "handbook"] as const satisfies readonly WrittenPage[];

export function docsRoutes(): Routes {
  const routes = new OpenAPIHono<HttpEnv>();
  // Where somebody lands who opens the address that the start prints.
  routes.get("/", (c) => c.redirect("/docs"));
  routes.get("/docs", (c) => c.html(referencePage(asked(c))));
  routes.get("/docs/assets/:file", async (c) => {
    const asset = await assetOf(c.req.param("file"));
    if (asset === null) throw new ProblemError("not-found", "The documentation has no such file.");
    return c.body(asset.bytes, 200, { "Content-Type": asset.mediaType });
  });
  for (const name of WRITTEN) {
    routes.get(`/docs/${name}`, async (c) => {
      const page = await markdownPage(name, asked(c));
      if (page === null) throw new ProblemError("not-found", "The documentation has no such page.");
      return c.html(page);
    });
  }
  return routes;
}

/** `?lang=` is a choice, `Accept-Language` a habit. */
function asked(c: Context<HttpEnv>): Language {
  const chosen = LANGUAGES.find((language) => language === c.req.query("lang"));
  const language = chosen ?? languageOf(c.req.header("accept-language"));
  c.header("Content-Language", language);
  return language;
}
