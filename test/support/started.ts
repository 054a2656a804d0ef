import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import { expect, vi } from "vitest";
import { afterwards } from "./programs.ts";

const root = resolve(import.meta.dirname, "../..");

export type Program = ReturnType<typeof begin>;
// biome-ignore lint/suspicious/noExplicitAny: what it is, the expectations say.
type Json = any;

/** A program of the repository's, on a data folder of the test's own. */
export function begin(home: string, file: string, env: Record<string, string> = {}, words: string[] = []) {
  const own = { PATH: process.env.PATH, HOME: home, DAIS_HOME: home, LOG_LEVEL: "warn", PORT: "0", ...env };
  const child = spawn(process.execPath, [file, ...words], { cwd: root, env: own, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const end = new Promise<number | string | null>((done) =>
    child.once("close", (code, signal) => done(code ?? signal)),
  );
  afterwards(() => child.kill("SIGKILL"));
  return {
    pid: child.pid,
    end,
    said: () => said,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    says: (what: RegExp) => vi.waitFor(() => expect(said).toMatch(what), { timeout: 30_000, interval: 20 }),
  };
}

export const urlOf = (program: Program) => program.said().match(/http:\/\/localhost:\d+/)?.[0] as string;

/** Processes that have the data folder in their command line, as Postgres' first one has. */
export function left(home: string): string[] {
  const lines = readdirSync("/proc").filter(Number).map(commandLine);
  return lines.filter((line) => line.includes(home));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Runs a line in a real shell, whose `curl` only says which words it was given, and does what they ask for. */
export async function curl(line: string) {
  const shell = spawn("sh", ["-c", `curl() { printf '%s\\0' "$@"; }; ${line}`]);
  let output = "";
  for await (const chunk of shell.stdout) output += chunk;
  const words = output.split("\0").slice(0, -1);
  const after = (flag: string) => words.flatMap((word, n) => (words[n - 1] === flag ? [word] : []));
  const url = new URL(words.find((word) => word.startsWith("http")) as string);
  for (const pair of after("--data-urlencode"))
    url.searchParams.set(...(pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const [body] = after("-d");
  const headers = after("-H").map((each) => each.split(/: (.*)/s).slice(0, 2) as [string, string]);
  const answer = await fetch(url, { method: body ? "POST" : "GET", headers, body });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** A request under way whose body never ends. */
export function unfinishedRequest(url: string, key: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const head = [
    "POST /v1/signals HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${key}`,
    "Content-Type: application/json",
    "Content-Length: 500",
  ];
  return new Promise<typeof socket>((done) =>
    socket.write(`${head.join("\r\n")}\r\n\r\n{`, () => setTimeout(() => done(socket), 200)),
  );
}

export function urlOfDatabase({
  host,
  port,
  username,
  password,
  database,
}: {
  host: string;
  port: number;
  username: string;
  password?: string;
  database: string;
}) {
  const url = new URL(`postgres://x/${database}?host=${encodeURIComponent(host)}`);
  Object.assign(url, { username, password: password ?? "", port: String(port) });
  return url.href;
}
