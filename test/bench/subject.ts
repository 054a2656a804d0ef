import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

/** What a server that is measured needs to know; goes through its command line as JSON. */
export type Place = Pick<Stage, "postgres" | "redis"> & {
  /** Operations of the contract that is served; without it, the contract itself. */
  operations?: number;
  /** Settings, besides those that every bench needs. */
  env?: Record<string, string>;
};

export type Memory = { heap: number; resident: number };

/** A server in a process of its own, that tells what it has used. */
export type Subject = {
  name: string;
  port: number;
  /** CPU time of the process so far, all of its threads, in microseconds. */
  cpu(): Promise<number>;
  /** In bytes, after a collection of garbage. */
  memory(): Promise<Memory>;
  stop(): Promise<void>;
};

/** What the one that makes documents does, too. */
export type Prints = {
  /** Has it make some, and waits until they are made. */
  print(): Promise<unknown>;
};

/** Starts a server of `subjects/`. Its log goes where a container's would, to stdout, and from there to nowhere. */
export async function subject(name: string, place: Place): Promise<Subject & Prints> {
  const child = fork(join(import.meta.dirname, "serve.ts"), [name, JSON.stringify(place)], {
    execArgv: [
      "--expose-gc",
      ...(process.env.BENCH_PROFILE ? ["--cpu-prof", `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []),
    ],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const port = (await told(child)) as number;
  const ask = async (what: string) => {
    child.send(what);
    return told(child);
  };
  return {
    name,
    port,
    cpu: async () => (await ask("cpu")) as number,
    memory: async () => (await ask("memory")) as Memory,
    print: () => ask("print"),
    async stop() {
      child.send("stop");
      await once(child, "exit");
    },
  };
}

function told(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("A server under measurement ended by itself."));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}
