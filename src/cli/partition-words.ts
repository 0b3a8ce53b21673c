/** The texts of `sevenstep partition`, in the reader's language. */

import type { Hindrance } from "../store/partitions/hindrances.ts";
import type { CliLanguage } from "./words.ts";

type Reasons = {
  readonly [Kind in Hindrance["kind"]]: (found: Extract<Hindrance, { kind: Kind }>) => string;
};

interface PartitionWords {
  readonly into: string;
  readonly badInto: (most: number) => string;
  readonly dryRun: string;
  readonly example: string;
  readonly embedded: string;
  /** @param parts 1: one table */
  readonly lies: (parts: number) => string;
  readonly isDone: string;
  readonly nothingToDo: string;
  readonly needs: (disk: string, minutes: number) => string;
  readonly copied: (table: string, percent: number) => string;
  readonly done: (table: string, seconds: number) => string;
  readonly ended: string;
  readonly hindered: string;
  readonly reasons: Reasons;
}

export const PARTITION_WORDS: { readonly [language in CliLanguage]: PartitionWords } = {
  en: {
    into: "how many partitions each table of orders gets; 1: back into one table each",
    badInto: (most) => `expected a whole number from 1 to ${most}`,
    dryRun: "say what would be done, what it takes and what hinders it, and do nothing",
    example: `With every server of this database stopped:
  sevenstep partition --into 16 --dry-run
  sevenstep partition --into 16`,
    embedded: "expected DATABASE_URL: a database inside the process has no use for partitions",
    lies: (parts) => (parts === 1 ? "one table" : `${parts} partitions`),
    isDone: "as wanted",
    nothingToDo: "All tables are as wanted.",
    needs: (disk, minutes) =>
      `At its most crowded moment this takes ${disk} of free disk beside what is there: the largest table
stands twice, and the database's log holds it once more. Count on ${minutes} min. Stopped in between, it has
changed whole tables or none; run again, it goes on with the others.`,
    copied: (table, percent) => `${table}: ${percent} % of the rows`,
    done: (table, seconds) => `${table}: done in ${seconds} s`,
    ended: "Done. Servers may start.",
    hindered: "nothing was changed",
    reasons: {
      schema: ({ missing, later }) =>
        missing.length > 0
          ? `expected the schema of this release, found it without ${missing.join(", ")}: start one server of this release and stop it again`
          : `expected the schema of this release, found ${later.join(", ")} of a later one: use that release`,
      sessions: ({ of }) =>
        `expected nobody else on this database, found ${of.join(", ")}: stop every server, and whatever else is connected`,
      dependents: ({ of }) =>
        `expected tables as the migrations make them, found ${of.join(", ")}: drop what was added, and make it again afterwards`,
      citus: () => "expected a database on one machine, found Citus: it has partitions of its own",
      locks: ({ room, needed }) =>
        `expected room for ${needed} locks for each server, found ${room}: raise max_locks_per_transaction, or take fewer partitions`,
    },
  },
  zh: {
    into: "每张工单表的分区数；1：恢复为单表",
    badInto: (most) => `应为 1 至 ${most} 的整数`,
    dryRun: "只说明将做什么、需要什么、有何阻碍，不做任何更改",
    example: `先停止使用该数据库的所有服务器：
  sevenstep partition --into 16 --dry-run
  sevenstep partition --into 16`,
    embedded: "应设置 DATABASE_URL：进程内的数据库不需要分区",
    lies: (parts) => (parts === 1 ? "单表" : `${parts} 个分区`),
    isDone: "已符合要求",
    nothingToDo: "所有表均已符合要求。",
    needs: (disk, minutes) =>
      `最多时另需 ${disk} 可用磁盘空间：最大的表会同时存在两份，数据库日志再占一份。预计 ${minutes} 分钟。
中途停止时每张表要么已全部更改，要么完全未改；再次运行会继续处理其余的表。`,
    copied: (table, percent) => `${table}：已复制 ${percent} %`,
    done: (table, seconds) => `${table}：完成，用时 ${seconds} 秒`,
    ended: "完成。可以启动服务器。",
    hindered: "未做任何更改",
    reasons: {
      schema: ({ missing, later }) =>
        missing.length > 0
          ? `数据库结构缺少 ${missing.join("、")}：请先启动再停止一台本版本的服务器`
          : `数据库结构含有更新版本的 ${later.join("、")}：请使用该版本`,
      sessions: ({ of }) => `仍有其他连接：${of.join("、")}。请停止所有服务器及其他连接`,
      dependents: ({ of }) => `表上有迁移之外的对象：${of.join("、")}。请先删除，完成后再重建`,
      citus: () => "数据库已由 Citus 分布，不能再在此分区",
      locks: ({ room, needed }) =>
        `每台服务器需要 ${needed} 个锁位，现有 ${room} 个：请提高 max_locks_per_transaction，或减少分区数`,
    },
  },
};
