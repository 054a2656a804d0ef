import { spawn } from "node:child_process";
import { serverUser } from "@dais/local/home";
import type { PostgresConnection } from "@dais/local/postgres";
import postgres from "postgres";
import { expect } from "vitest";
import { afterwards } from "./programs.ts";

/** The image's command with these variables and no others, as somebody who is not root and can write nowhere in it. */
export function startIn(folder: string, node: string, env: Record<string, string>) {
  const { drop, uid, gid } = serverUser();
  const child = spawn(node, ["server.mjs"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(drop ? { uid, gid } : {}),
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const end = new Promise((done) => child.once("close", (code, signal) => done(code ?? signal)));
  afterwards(() => child.kill("SIGKILL"));
  return {
    end,
    said: () => said,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    says: async (what: string) => {
      await expect.poll(() => said, { timeout: 40_000, interval: 20 }).toContain(what);
      return said;
    },
  };
}

/** What psql does with a file in the image of Postgres: its own lines away, and a text in the place of each variable. */
export async function runAsPsql(
  script: string,
  env: Record<string, string>,
  connection: PostgresConnection,
): Promise<void> {
  const from = new Map([...script.matchAll(/^\\getenv (\w+) (\w+)$/gm)].map(([, name, variable]) => [name, variable]));
  const text = (name: string) => `'${(env[from.get(name) ?? ""] ?? "").replaceAll("'", "''")}'`;
  const plain = script.replace(/^(\\|--).*$/gm, "").replace(/:'(\w+)'/g, (_, name) => text(name));
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  for (const statement of plain.split(";").filter((each) => each.trim())) await sql.unsafe(statement);
  await sql.end();
}
