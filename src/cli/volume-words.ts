/** The texts of the commands for large deployments, in the reader's language. */

import type { CliLanguage } from "./words.ts";

interface VolumeWords {
  readonly commands: { readonly [command in "archive" | "distribute" | "partition"]: string };
  readonly shards: string;
  readonly badShards: string;
  readonly distributeExample: string;
  readonly archiveExample: string;
  readonly list: string;
  readonly detach: string;
  readonly attach: string;
  readonly month: string;
  readonly badMonth: string;
  readonly beside: string;
  readonly notThere: (month: string) => string;
  readonly notBeside: (month: string) => string;
  readonly detached: (tables: readonly string[]) => string;
}

export const VOLUME_WORDS: { readonly [language in CliLanguage]: VolumeWords } = {
  en: {
    commands: {
      archive: "list the months of the archive, take one out, or put it back",
      distribute: "print the script that spreads the database over machines with Citus",
      partition: "lay the tables of orders into partitions, or back into one table each",
    },
    shards: "into how many shards orders are spread",
    badShards: "expected a whole number from 1 to 4096",
    distributeExample: `Example:
  sevenstep distribute --shards 64 > distribute.sql`,
    archiveExample: `Examples:
  sevenstep archive list
  sevenstep archive detach 2026-03`,
    list: "list months with what they take on the disk",
    detach: "take a month out: its tables stay beside the archive, to be dumped and dropped",
    attach: "put a month back whose tables lie beside the archive",
    month: "such as 2026-03",
    badMonth: "expected a month such as 2026-03",
    beside: "beside the archive",
    notThere: (month) => `expected ${month} in the archive, found no such month`,
    notBeside: (month) => `expected the tables of ${month} beside the archive, found none`,
    detached: (tables) =>
      `Its tables are ${tables.join(" and ")}. To keep them elsewhere:
  pg_dump "$DATABASE_URL" ${tables.map((table) => `-t ${table}`).join(" ")} -Fc -f month.dump
and then drop them. Reads of its orders are answered 410 until it is attached again.`,
  },
  zh: {
    commands: {
      archive: "列出归档月份，移出或放回某个月份",
      distribute: "输出用 Citus 将数据库分布到多台机器的脚本",
      partition: "将工单表按工单号分区，或恢复为单表",
    },
    shards: "工单分布的分片数",
    badShards: "应为 1 至 4096 的整数",
    distributeExample: `示例：
  sevenstep distribute --shards 64 > distribute.sql`,
    archiveExample: `示例：
  sevenstep archive list
  sevenstep archive detach 2026-03`,
    list: "列出各月份及其占用的磁盘空间",
    detach: "移出一个月份：其表留在归档之外，可转储后删除",
    attach: "将表仍在归档之外的月份放回",
    month: "例如 2026-03",
    badMonth: "应为月份，例如 2026-03",
    beside: "在归档之外",
    notThere: (month) => `归档中没有月份 ${month}`,
    notBeside: (month) => `归档之外没有 ${month} 的表`,
    detached: (tables) =>
      `其表为 ${tables.join(" 和 ")}。如需另行保存：
  pg_dump "$DATABASE_URL" ${tables.map((table) => `-t ${table}`).join(" ")} -Fc -f month.dump
然后删除。在重新放回之前，读取其中的工单将得到 410。`,
  },
};
