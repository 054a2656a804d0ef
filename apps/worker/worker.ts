import { events } from "@dais/contracts";
import type { Log } from "@dais/kernel/context";
import type { Sources } from "@dais/kernel/ids";
import type { Connection } from "@dais/kernel/lane";
import type { Bell } from "@dais/kernel/relay/bell";
import { type Consumer, targetOf } from "@dais/kernel/relay/consumer";
import type { RelayMeter, Waiting } from "@dais/kernel/relay/meter";
import { type RelayOptions, relay } from "@dais/kernel/relay/relay";
import type { Patience } from "@dais/kernel/relay/retry";
import type { Perform } from "@dais/kernel/task";
import { consumers as ours } from "@dais/modules";

export type WorkerOptions = {
  kernel: { perform: Perform };
  connection: Connection;
  bell: Bell;
  sources: Sources;
  log: Log;
  /** Events that are worked on at once. */
  lanes: number;
  meter?: RelayMeter;
  /** By default those of our modules. */
  consumers?: readonly Consumer[];
  /** By default what the contract has. */
  known?: RelayOptions["known"];
  patience?: Partial<Patience>;
};

export type Worker = {
  waiting(): Waiting;
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** What goes on behind the calls: delivers events to the consumers of our modules. Any number of processes may do it. */
export function worker({ kernel, consumers = ours, known = inContract, ...options }: WorkerOptions): Worker {
  const targets = consumers.map((consumer) => targetOf(consumer, kernel.perform));
  return relay({ ...options, targets, known });
}

const inContract = new Map([...events].map(([name, { version }]) => [name, version]));
