/** The texts of `check`, `test` and `types`, in the reader's language. */

import type { CliLanguage } from "./words.ts";

export interface DefinitionWords {
  readonly files: string;
  readonly checkJson: string;
  readonly testJson: string;
  readonly only: string;
  readonly minCoverage: string;
  readonly badPercent: string;
  readonly found: (files: number, errors: number, warnings: number) => string;
  readonly noScenarios: string;
  readonly unknownScenario: (id: string) => string;
  readonly coverageBelow: (least: number) => string;
  readonly typesOf: string;
  readonly typesOut: string;
}

export const DEFINITION_WORDS: { readonly [language in CliLanguage]: DefinitionWords } = {
  en: {
    files: "definitions (YAML or JSON), or the scenario files beside them",
    checkJson: "print the findings as JSON",
    testJson: "print the report as JSON",
    only: "run this scenario only, by id; may be given several times",
    minCoverage: "fail when less of the states or of the transitions is reached",
    badPercent: "expected a number from 0 to 100",
    found: (files, errors, warnings) =>
      `${counted(files, "file")}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
    noScenarios: "expected a scenario file beside it, found none",
    unknownScenario: (id) => `expected the id of a scenario in these files, found "${id}"`,
    coverageBelow: (least) => `expected at least ${least} % of the states and of the transitions`,
    typesOf: "the definition (YAML or JSON); -: from the standard input",
    typesOut: "write to this file (default: the standard output)",
  },
  zh: {
    files: "流程定义（YAML 或 JSON），或其旁边的场景文件",
    checkJson: "以 JSON 输出检查结果",
    testJson: "以 JSON 输出报告",
    only: "只运行此场景（按 id）；可多次给出",
    minCoverage: "状态或转移的覆盖率低于此百分比时失败",
    badPercent: "应为 0 到 100 的数",
    found: (files, errors, warnings) => `${files} 个文件：${errors} 个错误，${warnings} 个警告`,
    noScenarios: "应有场景文件，但未找到",
    unknownScenario: (id) => `这些文件中没有 id 为 "${id}" 的场景`,
    coverageBelow: (least) => `状态和转移的覆盖率均应不低于 ${least} %`,
    typesOf: "流程定义（YAML 或 JSON）；-：来自标准输入",
    typesOut: "写入此文件（默认：标准输出）",
  },
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
