import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownUid } from "./home.ts";
import { freePort } from "./port.ts";

export interface LocalBroker {
  url: string;
  /** Ends the server if this process started it; otherwise does nothing. */
  stop(): Promise<void>;
}

/** A broker of this process's own, which can be stopped and started in the middle of things, and told what to do. */
export interface OwnBroker extends LocalBroker {
  /** Stops it as an operator does; what is durable stays. */
  halt(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Runs `rabbitmqctl` on it. @throws Error with what it said */
  ctl(...args: string[]): string;
}

/**
 * A RabbitMQ to test against: `AMQP_URL`, else the one on the usual port, else a server of our own that ends with this process. Root on Debian
 * gets it installed.
 *
 * @throws Error of one line that says what to install
 */
export async function findBroker({ port = 5672 } = {}): Promise<LocalBroker> {
  const configured = process.env.AMQP_URL;
  if (configured) return { url: configured, stop: async () => {} };
  if (await answers(port)) return { url: `amqp://guest:guest@127.0.0.1:${port}`, stop: async () => {} };
  return ownBroker();
}

/**
 * A server on ports of its own, with data of its own. Its Erlang needs no name server that others use.
 * @throws Error of one line that says what to install
 */
export async function ownBroker(): Promise<OwnBroker> {
  if (!existsSync(binary("rabbitmq-server")) && !installed())
    throw new Error(
      "No RabbitMQ: set AMQP_URL, or install rabbitmq-server (apt-get install rabbitmq-server), or start one on port 5672.",
    );
  const from = 20_000 + Math.floor(Math.random() * 20_000);
  const port = await freePort(from);
  const dist = await freePort(port + 1);
  const epmd = await freePort(dist + 1);
  const dir = mkdtempSync(join(tmpdir(), "dais-broker-"));
  const env = environment(dir, { port, dist, epmd });
  let running: ReturnType<typeof spawned> | null = null;

  function ctl(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(binary("rabbitmqctl"), args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`rabbitmqctl ${args.join(" ")}: ${stderr || stdout}`);
    return stdout;
  }

  async function start(): Promise<void> {
    running = spawned(env, dir);
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries === 600) throw new Error(`RabbitMQ did not start: see ${dir}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async function end(word: string): Promise<void> {
    running?.end(word);
    await running?.ended;
    running = null;
  }

  await start();
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    ctl,
    start,
    halt: () => end(stay),
    async stop() {
      await end("");
      // What was halted before has left it all to us.
      spawnSync("sh", ["-c", clean, dir], { env, stdio: "ignore" });
    },
  };
}

function environment(dir: string, { port, dist, epmd }: { port: number; dist: number; epmd: number }) {
  for (const name of ["home", "data", "log"]) mkdirSync(join(dir, name));
  for (const name of ["env.conf", "plugins"]) writeFileSync(join(dir, name), name === "plugins" ? "[]." : "");
  return {
    PATH: process.env.PATH,
    // The cookie lies there.
    HOME: join(dir, "home"),
    RABBITMQ_NODENAME: `dais${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_MNESIA_BASE: join(dir, "data"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "plugins"),
    RABBITMQ_CONF_ENV_FILE: join(dir, "env.conf"),
    RABBITMQ_CONFIG_FILE: join(dir, "none"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, "none"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none",
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
}

/** What is said to a server that is started again where it was. */
const stay = "stay";
/** Ends the name server that came with it, and removes its folder, which is `$0`. */
const clean = 'epmd -port "$ERL_EPMD_PORT" -kill; rm -rf "$0"';

function spawned(env: Record<string, string | undefined>, dir: string) {
  // The shell waits for our end of the pipe to close, which even SIGKILL does: no server is left behind, nor what came with it.
  const script = `"$@" & read -r word; kill $!; wait; [ "$word" = ${stay} ] || { ${clean}; }`;
  const server = spawn("sh", ["-c", script, dir, binary("rabbitmq-server")], {
    env,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((done) => server.once("error", () => done()).once("exit", () => done()));
  server.unref();
  (server.stdin as { unref?: () => void }).unref?.();
  return {
    ended,
    end(word: string) {
      server.ref();
      server.stdin.end(`${word}\n`);
    },
  };
}

/** The server answers a client that speaks its protocol; an open port says less. */
function answers(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write("AMQP\x00\x00\x09\x01"));
    const done = (yes: boolean) => {
      socket.destroy();
      answer(yes);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
    // A method frame: connection.start.
    socket.once("data", (reply) => done(reply[0] === 1));
  });
}

/** Not those in the path: there, Debian has ones that go on as another user. */
const binary = (name: string): string => join("/usr/lib/rabbitmq/bin", name);

function installed(): boolean {
  if (ownUid() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  process.stderr.write("Installing RabbitMQ for the tests (apt-get install rabbitmq-server)…\n");
  // At run level 1 Debian's packages don't start their service, which nobody has asked for.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const aptGet = (...args: string[]) => spawnSync("apt-get", ["-qq", ...args], { env, stdio: "ignore" }).status === 0;
  const install = () => aptGet("install", "--no-install-recommends", "-y", "rabbitmq-server");
  if (!install()) aptGet("update") && install();
  return existsSync(binary("rabbitmq-server"));
}
