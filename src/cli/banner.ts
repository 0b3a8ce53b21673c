/** What a person at a terminal reads when the server is up. */

export interface Standing {
  readonly url: string;
  readonly database: "postgres" | "pglite";
  readonly processes: readonly string[];
  readonly adminToken: string;
  readonly adminTokenPath: string;
}

export function banner(standing: Standing, language: "en" | "zh"): string {
  const { url, database, processes, adminToken, adminTokenPath } = standing;
  const words = WORDS[language];
  return `
  ${words.running} ${url}
  ${words.database} ${database === "pglite" ? words.embedded : "Postgres"}
  ${words.processes} ${processes.join(", ") || words.none}
  ${words.token} ${adminToken}
  ${" ".repeat(words.indent)} (${adminTokenPath})

  ${words.try}
    npx sevenstep demo
    curl -H "Authorization: Bearer $(cat ${adminTokenPath})" ${url}/v1/definitions

`;
}

const WORDS = {
  en: {
    running: "Seven-step runs at",
    database: "Database          ",
    embedded: "embedded (PGlite)",
    processes: "Processes         ",
    none: "none",
    token: "Admin token       ",
    indent: 18,
    try: "Try, in another terminal:",
  },
  zh: {
    running: "七步法已启动：",
    database: "数据库：      ",
    embedded: "内嵌 (PGlite)",
    processes: "流程：        ",
    none: "无",
    token: "管理员令牌：  ",
    indent: 14,
    try: "在另一个终端中试试：",
  },
} as const;
