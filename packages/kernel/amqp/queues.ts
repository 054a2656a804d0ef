import type { Log } from "../context.ts";
import { rootOf } from "../faults.ts";
import { type Sources, uuidMaker } from "../ids.ts";
import type { Lane } from "../lane.ts";
import type { Bell } from "../relay/bell.ts";
import { errorCode } from "../relay/retry.ts";
import type { Steady } from "../relay/steady.ts";
import { type Commanding, command, type Integration, type Outcome, queuesOf } from "./commands.ts";
import { bury, countDead, removedAtOnce, removeOldest, replays, sent, settled } from "./letters.ts";
import type { AmqpMeter } from "./meter.ts";
import type { Broker, Incoming, Outgoing, Queue, Verdict } from "./port.ts";
import { replyTo } from "./reply.ts";

export type QueuesOptions = Commanding & {
  broker: Broker;
  line: Steady;
  bell: Bell;
  sources: Sources;
  log: Log;
  meter: AmqpMeter;
  /** Until the next attempt at what failed. */
  retryMs?: number;
};

export type Queues = {
  /** Given-up commands that nobody has decided about, as counted a few seconds ago at most. */
  dead(): number;
  /** Takes no more; resolves when what is in hand is settled. */
  stop(): Promise<void>;
};

/** Attempts at a command that fails by our own fault. */
const mostAttempts = 3;
/** At one for which there was no time or no room: five minutes of it, should that pass. */
const mostBusy = 60;
/** Commands of one integration in hand at once, in this process. */
const inHand = 8;
const lookMs = 1000;
const countMs = 5000;
/** How long a message is held before it goes back, where nothing can be done for it now. */
const restMs = 1000;
const replayMost = 100;
const weekMs = 7 * 86_400_000;

/** Takes commands from the queues of all integrations that are open: as those are opened and closed. Any number of processes may do it. */
export function queues(options: QueuesOptions): Queues {
  const { broker, line, sources, log, meter, retryMs = 5000 } = options;
  const newId = uuidMaker(sources);
  const listening = new Map<string, () => Promise<void>>();
  let looking: Promise<void> | null = null;
  let replaying: Promise<void> | null = null;
  let lookAt = 0;
  let countAt = 0;
  let dead = 0;
  let stopped = false;
  /** Whose commands were given up since the last count. */
  const buried = new Map<string, Integration>();

  async function look(lane: Lane): Promise<void> {
    const rows = await lane.send("select id, tenant_id from integrations where closed_at is null");
    const open = new Map(
      rows.map((row) => [row.id as string, { id: row.id as string, tenantId: row.tenant_id as string }]),
    );
    for (const [id, stop] of listening)
      if (!open.has(id)) {
        listening.delete(id);
        void stop();
      }
    for (const [id, integration] of open) if (!listening.has(id) && !stopped) listening.set(id, listen(integration));
    // A broker that is blocked may take hours: what else there is to see to doesn't wait for it.
    if (broker.connected() && !broker.blocked())
      replaying ??= replay()
        .catch(unlooked)
        .finally(() => {
          replaying = null;
        });
    if (performance.now() < countAt) return;
    countAt = performance.now() + countMs;
    for (const from of [...buried.values()]) await trim(lane, from);
    dead = await countDead(lane);
  }

  async function trim(lane: Lane, from: Integration): Promise<void> {
    buried.delete(from.id);
    const again = () => buried.set(from.id, from);
    const count = await removeOldest(lane, from).catch((error) => {
      again();
      throw error;
    });
    if (count === removedAtOnce) again();
    if (count === 0) return;
    meter.removed(count);
    log.warn(
      { integration: from.id, count },
      "given-up commands were removed: nobody decides about them, and more come",
    );
  }

  function listen(from: Integration): () => Promise<void> {
    return broker.listen({
      queue: queuesOf(from).commands,
      declare: declared(from),
      most: inHand,
      take: (message) => take(from, message),
      state: (problem) => void note(from, problem),
    });
  }

  async function note({ id }: Integration, problem: string | null): Promise<void> {
    if (problem !== null) {
      meter.failed(problem);
      log.warn({ integration: id, code: problem }, "the queue of an integration can't be read");
    }
    const text = "update integrations set problem = $2 where id = $1 and problem is distinct from $2";
    await line.use((lane) => lane.send(text, [id, problem])).catch(() => {}); // the next look tells it again
  }

  async function take(from: Integration, message: Incoming): Promise<Verdict> {
    const attempt = attemptOf(message);
    const outcome = await command(options, from, message);
    const most = outcome.code === "busy" ? mostBusy : mostAttempts;
    const kind = outcome.kind === "again" && attempt >= most ? "dead" : outcome.kind;
    meter.command(kind, outcome.code);
    try {
      if (kind === "later") return await rest();
      if (kind === "again")
        await broker.publish([copy(message, queuesOf(from).retry, { expireMs: retryMs, attempt: attempt + 1 })]);
      if (kind === "dead") await giveUp(from, message, outcome, attempt);
      if (kind === "done" && message.headers[replayed])
        await line.use((lane) => settled(lane, from, message, sources.now()));
      if (kind === "done" || kind === "dead") await reply(message, outcome);
      return "taken";
    } catch (error) {
      // Where it can't be noted what became of it, it comes again: the idempotency key keeps it from being done twice.
      log.warn({ integration: from.id, err: rootOf(error) }, "what became of a command could not be noted");
      return rest();
    }
  }

  async function rest(): Promise<Verdict> {
    if (!stopped) await new Promise((resolve) => setTimeout(resolve, restMs).unref());
    return "again";
  }

  async function giveUp(from: Integration, message: Incoming, outcome: Outcome, attempts: number): Promise<void> {
    log.warn(
      { integration: from.id, code: outcome.code, operation: outcome.operation, attempts },
      "a command was given up",
    );
    await line.use((lane) => bury(lane, from, message, { outcome, attempts, id: newId(), now: sources.now() }));
    buried.set(from.id, from);
    await broker.publish([copy(message, queuesOf(from).dead, { attempt: attempts, code: outcome.code })]);
  }

  async function reply(message: Incoming, outcome: Outcome): Promise<void> {
    const answer = replyTo(message, outcome);
    if (answer) await broker.publish([answer]);
  }

  async function replay(): Promise<void> {
    const found = await line.use((lane) => replays(lane, replayMost));
    if (found.length === 0) return;
    await broker.publish(
      found.map(({ integrationId, body, messageId, traceparent }) => ({
        exchange: "",
        routingKey: queuesOf({ id: integrationId }).commands,
        body: Buffer.from(body),
        contentType: "application/json",
        ...(messageId !== null && { messageId }),
        headers: { [replayed]: 1, ...(traceparent && { traceparent }) },
      })),
    );
    const ids = found.map(({ id }) => id);
    await line.use((lane) => sent(lane, ids, sources.now()));
  }

  const unlooked = (error: unknown): void =>
    log.warn({ code: errorCode(error), err: rootOf(error) }, "the queues of integrations could not be looked after");

  const deaf = options.bell.hear(() => {
    if (looking || stopped || performance.now() < lookAt) return;
    lookAt = performance.now() + lookMs / 2;
    looking = line
      .use(look)
      .catch(unlooked)
      .finally(() => {
        looking = null;
      });
  });

  return {
    dead: () => dead,
    async stop() {
      stopped = true;
      deaf();
      await looking;
      await replaying;
      await Promise.all([...listening.values()].map((stop) => stop()));
    },
  };
}

const attempts = "dais-attempt";
const replayed = "dais-replayed";

/** What a message says of itself may be anything. */
function attemptOf({ headers }: Incoming): number {
  const said = headers[attempts];
  return typeof said === "number" && Number.isInteger(said) && said >= 1 ? Math.min(said, mostBusy) : 1;
}

type To = { attempt: number; expireMs?: number; code?: string };

const copy = (message: Incoming, routingKey: string, { attempt, expireMs, code }: To): Outgoing => ({
  exchange: "",
  routingKey,
  body: message.body,
  contentType: message.contentType ?? "application/json",
  ...(message.messageId !== null && { messageId: message.messageId }),
  ...(message.correlationId !== null && { correlationId: message.correlationId }),
  ...(message.replyTo !== null && code === undefined && { replyTo: message.replyTo }),
  ...(expireMs !== undefined && { expireMs }),
  headers: {
    [attempts]: attempt,
    ...(code !== undefined && { "dais-code": code }),
    ...Object.fromEntries(
      ["traceparent", replayed].flatMap((name) => (name in message.headers ? [[name, message.headers[name]]] : [])),
    ),
  },
});

/** The retry queue gives back what has waited its time there; the dead one is for whoever watches the broker, and keeps the latest. */
function declared(from: Integration): Queue[] {
  const { commands, retry, dead, replies } = queuesOf(from);
  return [
    { name: commands },
    { name: retry, arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": commands } },
    { name: dead, arguments: { "x-message-ttl": weekMs, "x-max-length": 10_000 } },
    { name: replies, arguments: { "x-message-ttl": 86_400_000, "x-max-length": 10_000 } },
  ];
}
