import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ownUid } from "./home.ts";
import { freePort } from "./port.ts";

export interface LocalRedis {
  url: string;
  /** Ends the server if this process started it; otherwise does nothing. */
  stop(): Promise<void>;
}

/**
 * A Redis to test against: `REDIS_URL`, else the one on the usual port, else a server of our own that keeps nothing and
 * ends with this process. Root on Debian gets it installed.
 *
 * @throws Error of one line that says what to install
 */
export async function findRedis({ port = 6379 } = {}): Promise<LocalRedis> {
  const configured = process.env.REDIS_URL;
  if (configured) return { url: configured, stop: async () => {} };
  if (await answers(port)) return { url: `redis://127.0.0.1:${port}`, stop: async () => {} };
  return ownRedis();
}

/**
 * A server of our own that keeps nothing and ends with this process. `port`: of one that was stopped, to take its place.
 * @throws Error of one line that says what to install
 */
export async function ownRedis({ port }: { port?: number } = {}): Promise<LocalRedis> {
  const binary = findBinary() ?? installBinary();
  if (!binary) {
    throw new Error(
      "No Redis: set REDIS_URL, or install redis-server (apt-get install redis-server), or start one on port 6379.",
    );
  }
  return startRedis(binary, port ?? (await freePort(20_000 + Math.floor(Math.random() * 20_000))));
}

async function startRedis(binary: string, port: number): Promise<LocalRedis> {
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tmpdir()];
  // The shell waits for our end of the pipe to close, which even SIGKILL does: no server is left behind. A session of
  // their own keeps Ctrl-C from ending Redis before the tests.
  const server = spawn("sh", ["-c", '"$@" & read -r _; kill $!; wait', "sh", binary, ...flags], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((done) => server.once("error", () => done()).once("exit", () => done()));
  server.unref();
  (server.stdin as { unref?: () => void }).unref?.();
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries === 100) throw new Error(`Redis did not start: ${binary} ${flags.join(" ")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => {
      // Whoever waits for the end wants it to come, though nothing else may keep this process going.
      server.ref();
      server.stdin.end();
      return ended;
    },
  };
}

// PING says more than an open port: one that asks for a password, or isn't Redis, is of no use.
function answers(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write("PING\r\n"));
    const done = (yes: boolean) => {
      socket.destroy();
      answer(yes);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("data", (reply) => done(reply.toString().startsWith("+PONG")));
  });
}

function findBinary(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"];
  return folders.map((folder) => join(folder, "redis-server")).find(isExecutable);
}

function installBinary(): string | undefined {
  if (ownUid() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  process.stderr.write("Installing Redis for the tests (apt-get install redis-server)…\n");
  // At run level 1 Debian's packages don't start their service, which nobody has asked for.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const aptGet = (...args: string[]) => spawnSync("apt-get", ["-qq", ...args], { env, stdio: "ignore" }).status === 0;
  const install = () => aptGet("install", "--no-install-recommends", "-y", "redis-server");
  if (!install()) aptGet("update") && install();
  return findBinary();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
