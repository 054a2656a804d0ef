import { actingBy, isOthers, lentBeside, lentFor } from "./lent.ts";
import { Problem } from "./problem.ts";
import type { serving } from "./serve.ts";

type Serve = ReturnType<typeof serving>;

/**
 * Lets people make the moves that others have delegated to them, where they may not make them by themselves, or where the thing is not theirs
 * by name. Of several delegations it is the first by which the move can be made: each is for its own entity and within its giver's
 * clearance, and who had a hand in the thing counts for each of them alone.
 * @throws what `serve` throws; a refusal of the last of them names it: `delegation`
 */
export const delegated =
  (serve: Serve): Serve =>
  async (operation, call, admission, now) => {
    const { identity } = admission;
    const beside = lentBeside(operation, identity.actor, now);
    if (beside.length === 0) return serve(operation, call, admission, now);
    let read: Promise<unknown> | undefined;
    const readOnce = { ...call, readInput: () => (read ??= Promise.resolve(call.readInput())) };
    const lent = lentFor(operation, identity.actor, now);
    if (lent.length > 0) return byOneOf(lent);
    return serve(operation, readOnce, admission, now).catch((own) => {
      if (!(own instanceof Problem) || !isOthers(own.code)) throw own;
      return byOneOf(beside);
    });

    async function byOneOf(all: typeof lent): ReturnType<Serve> {
      for (const [at, one] of all.entries()) {
        const actor = actingBy(identity.actor, one, identity.tenant);
        const refused = (error: unknown) => {
          if (!(error instanceof Problem) || (error.status !== 403 && error.status !== 404)) throw error;
          if (at < all.length - 1) return null;
          throw error.status === 403 ? new Problem(error.code, { ...error.extensions, delegation: one.id }) : error;
        };
        const acting = { ...admission, identity: { ...identity, actor } };
        const outcome = await serve(operation, readOnce, acting, now).catch(refused);
        if (outcome) return outcome;
      }
      throw new Error("there is no delegation to act by");
    }
  };
