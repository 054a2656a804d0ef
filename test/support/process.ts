import type { Connection } from "@dais/kernel/lane";
import { inject } from "vitest";
import { program } from "./programs.ts";

/** A server in a process of its own, that a test can kill. Killed after the test in any case (call `cleanUp` in `afterEach`). */
export async function spawnServer({
  connection = inject("login"),
  env = {},
  log,
}: {
  connection?: Connection;
  env?: Record<string, string>;
  /** Is given every line that the server logs. */
  log?: (line: string) => void;
} = {}) {
  const settings = {
    PORT: "0",
    DAIS_ROLE: "api",
    PUBLIC_URL: "http://dais.test",
    REDIS_URL: inject("redis"),
    ...Object.fromEntries(["READ", "WRITE", "HEAVY", "AUTH"].map((rate) => [`RATE_${rate}`, "1000000"])),
    ...env,
  };
  const child = program(`
    import { randomBytes } from "node:crypto";
    import { readConfig } from "@dais/api/config";
    import { logger } from "@dais/api/log";
    import { server } from "@dais/api/server";
    const { url } = await server({
      config: readConfig(${JSON.stringify(settings)}),
      connection: ${JSON.stringify(connection)},
      cursorKey: new Uint8Array(32),
      sources: { now: () => new Date(), random: randomBytes },
      log: logger(${JSON.stringify(env.LOG_LEVEL ?? "silent")}),
    });
    console.log(url);
  `);
  let url = await child.line();
  for (; !url.startsWith("http"); url = await child.line()) log?.(url);
  if (log) void follow(child, log);
  const kill = () => {
    child.kill("SIGKILL");
    return child.end;
  };
  return {
    url,
    pid: child.pid as number,
    kill,
    /** It does nothing from now on; what it has sent goes on its way. */
    pause: () => child.kill("SIGSTOP"),
  };
}

async function follow(child: { line(): Promise<string> }, log: (line: string) => void): Promise<void> {
  for (let line = await child.line(); line; line = await child.line()) log(line);
}
