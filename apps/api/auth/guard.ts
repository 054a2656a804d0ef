import { GrantEnded, IssuerAway, SignInRefused } from "@dais/adapters/oidc";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import { Problem } from "@dais/kernel/problem";
import type { Context } from "hono";
import type { Logger } from "pino";
import type { Env } from "../request.ts";
import { refusal } from "./answers.ts";

type Parts = { kernel: Pick<Kernel, "stranger">; gate: Gate; now(): Date; publicUrl: string; log: Logger };
type Step = () => Promise<Response>;

const mostBlocked = 10_000;

/** What stands around the steps of a sign-in: whoever comes in vain learns that it was in vain, and comes too often for a while only. */
export function guard({ kernel, gate, now, publicUrl, log }: Parts) {
  const blocked = new Map<string, number>();

  /** Runs a step; what goes wrong becomes a page, or a problem for who doesn't ask for pages. */
  async function guarded(c: Context<Env>, step: Step): Promise<Response> {
    try {
      return await step();
    } catch (error) {
      return refusal(c, await problemOf(c, error), publicUrl);
    }
  }

  /** The same, but not for an address that has failed too often in this minute. */
  const limited = (c: Context<Env>, step: Step): Promise<Response> =>
    guarded(c, async () => {
      const caller = c.get("caller");
      const left = (blocked.get(caller.address) ?? 0) - now().getTime();
      if (left <= 0) return step();
      kernel.stranger("sign_in_refused", caller);
      throw new Problem("rate_limited", { retryAfterSeconds: Math.ceil(left / 1000) });
    });

  /** Takes one beginning off the address' allowance: each is kept for a while, for somebody who may never come back. */
  async function begins(c: Context<Env>): Promise<void> {
    const { address } = c.get("caller");
    const { limit } = await gate.admit({ tenantId: "sign-in", actorId: address }, "write").catch(away);
    if (!limit.allowed) throw new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
  }

  /** What the caller is told. Which part of it failed goes into the log, under the request's id. */
  async function problemOf(c: Context<Env>, error: unknown): Promise<Problem> {
    const caller = c.get("caller");
    const fields = { requestId: caller.requestId };
    if (error instanceof Problem) return error;
    if (error instanceof IssuerAway) {
      log.warn({ ...fields, err: error }, "the issuer can't be reached");
      return new Problem("unavailable", { retryAfterSeconds: error.retryAfterSeconds });
    }
    if (!(error instanceof SignInRefused) && !(error instanceof GrantEnded)) {
      log.error({ ...fields, err: error }, "a sign-in failed for a reason of ours");
      return new Problem("unavailable", { retryAfterSeconds: 5 });
    }
    log.info({ ...fields, reason: error.reason }, "a sign-in was refused");
    kernel.stranger("sign_in_refused", caller);
    return struck(caller.address);
  }

  async function struck(address: string): Promise<Problem> {
    const limit = await gate.strike(address).catch(() => null);
    if (!limit) return new Problem("unavailable", { retryAfterSeconds: 5 });
    if (limit.allowed) return new Problem("sign_in_failed");
    if (blocked.size >= mostBlocked) blocked.clear();
    blocked.set(address, now().getTime() + limit.resetSeconds * 1000);
    return new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
  }

  return { guarded, limited, begins, problemOf };
}

const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 5 });
};
