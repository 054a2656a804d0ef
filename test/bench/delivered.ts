import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { bundle } from "../../scripts/bundle.ts";
import type { Stage } from "./stage.ts";

/** The server as it is delivered, in production mode, looked at from outside. */
export type Delivered = {
  name: string;
  port: number;
  /** In bytes, garbage included. */
  resident(): number;
  /** Has garbage collected. */
  collect(): Promise<void>;
  /** CPU time so far, in seconds. */
  cpu(): number;
  stop(): Promise<void>;
};

/** What a server in production mode must be told. */
export function settings({ postgres, redis }: Pick<Stage, "postgres" | "redis">): Record<string, string> {
  const { host, port, username, password, database } = postgres;
  const login = `${encodeURIComponent(username)}${password ? `:${encodeURIComponent(password)}` : ""}`;
  return {
    NODE_ENV: "production",
    PORT: "0",
    PUBLIC_URL: "http://dais.test",
    DATABASE_URL: `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    REDIS_URL: redis,
    CURSOR_SECRET: "0".repeat(32),
    SEAL_KEYS: `test:${Buffer.alloc(32, 1).toString("base64")}`,
  };
}

/** As the image's command has them; and a way to have garbage collected. */
const flags = [
  "--max-semi-space-size=16",
  "--expose-gc",
  "--import",
  "data:text/javascript,process.on('SIGUSR2',()=>{gc();gc()})",
];

export async function delivered(place: Pick<Stage, "postgres" | "redis">): Promise<Delivered> {
  const env = { ...settings(place), DAIS_ROLE: "api", RATE_READ: "1000000", RATE_WRITE: "1000000" };
  const child = spawn(process.execPath, [...flags, await bundle()], { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    lines.on("line", (line) => {
      if (line.includes('"ready"')) resolve(Number(new URL(JSON.parse(line).url).port));
    });
    child.once("exit", () => reject(new Error("The server ended by itself.")));
  });
  const told = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  return {
    name: "dais",
    port,
    resident: () => Number(/VmRSS:\s+(\d+) kB/.exec(told("status"))?.[1]) * 1024,
    async collect() {
      child.kill("SIGUSR2");
      await new Promise((resolve) => setTimeout(resolve, 2000));
    },
    cpu() {
      const fields = told("stat")
        .replace(/\(.*\)/, "name")
        .split(" "); // see proc(5)
      return (Number(fields[13]) + Number(fields[14])) / 100;
    },
    async stop() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
