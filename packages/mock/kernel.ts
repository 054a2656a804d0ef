import { setTimeout as sleep } from "node:timers/promises";
import { permissions } from "@dais/contracts";
import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import { idOf } from "@dais/contracts/kit/ids";
import type { RateClass } from "@dais/contracts/kit/operation";
import type { Admission } from "@dais/kernel/authenticate";
import { digest } from "@dais/kernel/canonical";
import type { Log } from "@dais/kernel/context";
import type { Answer, Call, Heard, Kernel, Listening } from "@dais/kernel/dispatch";
import { accepted, asked as askedFor } from "@dais/kernel/input";
import { Problem } from "@dais/kernel/problem";
import { withoutSecrets } from "@dais/kernel/secrets";
import { answered } from "./answers.ts";
import type { Fields } from "./examples.ts";
import { examplesOf } from "./listen.ts";
import { current, type Preferences } from "./preferences.ts";
import { asked, detailed } from "./problems.ts";
import { slotOf } from "./schema.ts";
import { worldOf } from "./world.ts";

export type MockOptions = {
  operations: ReadonlyMap<string, Operation>;
  subscriptions?: ReadonlyMap<string, Subscription>;
  /** Another seed is another world. The same seed, clock and contract are the same one, also after a restart. */
  seed: string;
  /** The clock, which stands still. */
  now: Date;
  log?: Pick<Log, "error">;
  /** What the call that is being served asks for; by default what `preferring` heard. */
  preferences?: () => Preferences | undefined;
};

/**
 * A kernel over the contract alone: faces can't tell it from the real one. It takes any credential, judges input as the real one
 * does, and then answers made-up data that fits the output's schema. Commands are remembered as long as it lives.
 */
export function mockKernel({ operations, subscriptions, seed, now, log, preferences = current }: MockOptions): Kernel {
  const world = worldOf(operations, seed, now);
  const answers = new Map<string, { request: string; output: unknown }>();
  let calls = 0;

  async function dispatch(call: Call): Promise<Answer> {
    const operation = operations.get(call.operation);
    if (!operation) return { ...nobody, problem: new Problem("not_found") };
    if (!call.credential) return { ...nobody, problem: new Problem("unauthenticated") };
    const { limit, identity } = admission(operation.meta.rate);
    const known = { limit, actorId: identity.actor.id, tenantId: identity.tenant.id };
    calls += 1;
    try {
      return { ...known, problem: null, ...(await serve(operation, call)) };
    } catch (error) {
      if (error instanceof Problem) return { ...known, problem: error };
      log?.error({ err: error, operation: operation.path, requestId: call.requestId }, "nothing to answer with");
      return { ...known, problem: new Problem("internal") };
    } finally {
      calls -= 1;
    }
  }

  async function listen(call: Listening): Promise<Heard> {
    const subscription = subscriptions?.get(call.operation);
    if (!subscription) return { ...nobody, problem: new Problem("not_found") };
    if (!call.credential) return { ...nobody, problem: new Problem("unauthenticated") };
    const { limit, identity } = admission(subscription.meta.rate);
    const known = { limit, actorId: identity.actor.id, tenantId: identity.tenant.id };
    try {
      return { ...known, problem: null, messages: await examplesOf(subscription, call) };
    } catch (error) {
      return { ...known, problem: error instanceof Problem ? error : new Problem("internal") };
    }
  }

  async function serve(operation: Operation, call: Call): Promise<{ output: unknown; replayed: boolean }> {
    const wish = preferences();
    if (wish) await granted(operation, call, wish);
    const input = (await accepted(operation, call)) as Fields;
    const key = operation.kind === "command" ? call.idempotencyKey : null;
    if (key === null) return { output: answered(world, operation, input, null), replayed: false };

    const claim = digest([call.credential?.text ?? "", operation.path, key]);
    const first = answers.get(claim);
    const request = digest(askedFor(operation, input));
    if (first && first.request !== request) throw new Problem("idempotency_key_reused");
    if (first) return { output: withoutSecrets(operation.output, first.output), replayed: true };
    const output = answered(world, operation, input, key);
    answers.set(claim, { request, output });
    return { output, replayed: false };
  }

  /** Waits, and throws the problem that is asked for. */
  async function granted(operation: Operation, call: Call, wish: Preferences): Promise<void> {
    const { code, applied, waitMs } = wish;
    if (waitMs > 0) applied.add(`wait=${waitMs / 1000}`);
    if (waitMs > 0) await sleep(waitMs);
    const problem = asked(operation, wish);
    if (wish.problem !== null || code !== null)
      applied.add(wish.problem !== null ? `problem=${wish.problem}` : `code=${code}`);
    if (!problem) return;
    const input = ((await accepted(operation, call).catch(() => null)) ?? {}) as Fields;
    const slot = slotOf(operation.output);
    const thing = slot && typeof input.id === "string" ? world.thing(slot.kind, input.id, slot.schema) : {};
    throw detailed(problem, operation, thing, input);
  }

  return {
    dispatch,
    listen,
    async admit({ credential }) {
      if (!credential) return { problem: new Problem("unauthenticated"), limit: null };
      const admitted = admission("read");
      return { problem: null, limit: admitted.limit, admission: admitted };
    },
    perform: async () => null,
    stranger: () => {},
    inFlight: () => calls,
    streams: () => 0,
    hush: () => {},
    settle: async () => {},
    close: async () => {},
  };
}

const nobody = { limit: null, actorId: null, tenantId: null };

/** Everybody is the same person, who may do everything, and whose allowance doesn't shrink. */
function admission(rate: RateClass): Admission {
  const limit = { class: rate, allowed: true, limit: 600, windowSeconds: 60, remaining: 599, resetSeconds: 60 };
  return { limit, identity: everybody, epoch: "mock", askedAt: performance.now() };
}
const uuid = "01890a5d-ac96-774b-bcce-b302099a8057";
const everybody: Admission["identity"] = {
  actor: {
    kind: "client",
    id: idOf("key", uuid),
    permissions: new Set(Object.keys(permissions)),
    roles: [],
    clearance: "secret",
    onBehalfOf: null,
    persons: [],
    session: null,
  },
  tenant: {
    ...{ id: uuid, slug: "mock", timeZone: "Asia/Dubai", readsFrom: 2 },
    levels: ["public", "internal", "confidential", "secret"],
  },
  expiresAt: null,
  session: null,
};
