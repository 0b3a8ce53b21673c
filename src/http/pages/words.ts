/** What the documentation's pages say around their content, in both languages. */

import type { Language } from "../../runtime/languages.ts";

export interface PageWords {
  readonly reference: string;
  readonly integrate: string;
  readonly handbook: string;
  readonly download: string;
  readonly loading: string;
  readonly withoutScript: string;
  /** The way to the same page in the other language, in that language. */
  readonly otherLanguage: string;
}

export const PAGE_WORDS: { readonly [language in Language]: PageWords } = {
  en: {
    reference: "API reference",
    integrate: "Integrate in ten minutes",
    handbook: "The auditor's handbook",
    download: "openapi.json",
    loading: "Loading the reference…",
    withoutScript:
      "The reference needs JavaScript. Without it, /openapi.json holds everything that it shows.",
    otherLanguage: "中文",
  },
  zh: {
    reference: "API 参考",
    integrate: "十分钟完成集成",
    handbook: "审计手册",
    download: "openapi.json",
    loading: "正在加载参考文档…",
    withoutScript: "参考文档需要 JavaScript。没有它时，/openapi.json 包含全部内容。",
    otherLanguage: "English",
  },
};
