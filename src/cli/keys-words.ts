/** The texts of `sevenstep keys`, in the reader's language. */

import type { CliLanguage } from "./words.ts";

export interface KeysWords {
  readonly about: string;
  readonly list: string;
  readonly rotate: string;
  readonly retire: string;
  readonly adopt: string;
  readonly copy: string;
  readonly to: string;
  readonly target: string;
  readonly examples: string;
  readonly place: string;
  readonly id: string;
  readonly keys: string;
  readonly destroyed: string;
  readonly damaged: (bytes: number) => string;
  readonly secret: string;
  readonly twoSecrets: string;
  readonly twoWrappers: string;
  readonly none: (place: string) => string;
  readonly rotated: (keys: number) => string;
  readonly swap: (path: string) => string;
  readonly needsTo: string;
  readonly ownTo: string;
  readonly sameSecret: (path: string) => string;
  readonly retired: string;
  readonly nothingToRetire: string;
  readonly adopted: (id: string) => string;
  readonly copied: (keys: number, place: string) => string;
  readonly notEmpty: (place: string) => string;
}

export const KEYS_WORDS: { readonly [language in CliLanguage]: KeysWords } = {
  en: {
    about: "look after the keys under which personal values are sealed",
    list: "say what is in the keystore (what is done without a command)",
    rotate: "exchange the master secret, and wrap every key anew; servers go on working",
    retire: "end an exchange: only this server's master secret opens the keystore from then on",
    adopt: "go on with this keystore where the database's own is lost; what it sealed stays closed",
    copy: "copy the keystore to another place, such as from a folder to a Postgres server",
    to: "file of the new master secret; made when it is not there",
    target: "a folder, or postgres://user:password@host:port/database",
    examples: `Examples:
  sevenstep keys
  sevenstep keys rotate --to /run/secrets/keystore-2027
  sevenstep keys copy postgres://keys@db2/keys`,
    place: "keystore",
    id: "id",
    keys: "keys",
    destroyed: "destroyed",
    damaged: (bytes) =>
      `${bytes} bytes in the file are no key, such as half of one that a power cut left. A key that was acknowledged is ` +
      "not lost by a power cut; should values not open that nobody erased, put the folder back from a backup.",
    secret: "master secret",
    twoSecrets: "Two master secrets open it: an exchange waits for `sevenstep keys retire`.",
    twoWrappers: "An exchange was stopped on its way: run `sevenstep keys rotate` again.",
    none: (place) => `expected a keystore in ${place}, found none: a server's first start makes it`,
    rotated: (keys) => `${keys} keys are wrapped anew.`,
    swap: (
      path,
    ) => `Both master secrets open the keystore now. On every server: set SEVENSTEP_KEYSTORE_SECRET_FILE to ${path}
(or put its contents in the place of the old file) and start it again; then run there
  sevenstep keys retire
and destroy the old secret with all its copies: only then nothing opens old copies of the keystore.`,
    needsTo: "expected --to <file>: the master secret of SEVENSTEP_KEYSTORE_SECRET_FILE is yours",
    ownTo: "expected no --to: the server keeps its master secret itself",
    sameSecret: (path) => `expected another master secret in ${path}, found the one that is in use`,
    retired: "Only this master secret opens the keystore now.",
    nothingToRetire: "Only this master secret opened the keystore already.",
    adopted: (id) =>
      `The database's personal values are sealed under the keystore ${id} from now on.`,
    copied: (
      keys,
      place,
    ) => `${keys} keys were copied to ${place}. Start the servers with SEVENSTEP_KEYSTORE set to it and the
same master secret, and then destroy the keystore that they had: a key that is destroyed in one of them only is not gone.`,
    notEmpty: (place) => `expected no keystore in ${place}, found one`,
  },
  zh: {
    about: "管理封存个人数据所用的密钥",
    list: "显示密钥库的内容（不带命令时的默认操作）",
    rotate: "更换主密钥并重新包裹每个密钥；服务器可继续运行",
    retire: "结束更换：此后只有本服务器的主密钥能打开密钥库",
    adopt: "数据库原有的密钥库已丢失时，改用此密钥库；原先封存的内容不再能打开",
    copy: "将密钥库复制到另一处，例如从文件夹到 Postgres 服务器",
    to: "新主密钥的文件；不存在时会生成",
    target: "文件夹，或 postgres://user:password@host:port/database",
    examples: `示例：
  sevenstep keys
  sevenstep keys rotate --to /run/secrets/keystore-2027
  sevenstep keys copy postgres://keys@db2/keys`,
    place: "密钥库",
    id: "标识",
    keys: "密钥",
    destroyed: "已销毁",
    damaged: (bytes) =>
      `文件中有 ${bytes} 字节不是密钥，例如断电留下的半个密钥。已确认的密钥不会因断电丢失；如有未被删除的数据无法打开，` +
      "请从备份恢复该文件夹。",
    secret: "主密钥",
    twoSecrets: "有两个主密钥可打开它：更换尚待 `sevenstep keys retire` 结束。",
    twoWrappers: "更换在途中被中断：请再次运行 `sevenstep keys rotate`。",
    none: (place) => `${place} 中没有密钥库：服务器首次启动时会生成`,
    rotated: (keys) => `已重新包裹 ${keys} 个密钥。`,
    swap: (
      path,
    ) => `现在两个主密钥都能打开密钥库。请在每台服务器上将 SEVENSTEP_KEYSTORE_SECRET_FILE 设为 ${path}
（或用其内容替换旧文件）并重新启动；然后在该处运行
  sevenstep keys retire
并销毁旧主密钥及其所有副本：此后才没有什么能打开密钥库的旧副本。`,
    needsTo: "应给出 --to <文件>：SEVENSTEP_KEYSTORE_SECRET_FILE 的主密钥由您保管",
    ownTo: "不应给出 --to：主密钥由服务器自行保管",
    sameSecret: (path) => `${path} 中应为另一个主密钥，但与正在使用的相同`,
    retired: "现在只有此主密钥能打开密钥库。",
    nothingToRetire: "此前已只有此主密钥能打开密钥库。",
    adopted: (id) => `今后数据库的个人数据封存于密钥库 ${id}。`,
    copied: (
      keys,
      place,
    ) => `已将 ${keys} 个密钥复制到 ${place}。请将服务器的 SEVENSTEP_KEYSTORE 设为该处、使用相同的主密钥启动，
然后销毁原密钥库：只在其中一处销毁的密钥并未消失。`,
    notEmpty: (place) => `${place} 中应没有密钥库，但已有一个`,
  },
};
