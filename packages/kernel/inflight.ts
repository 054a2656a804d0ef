import { Problem } from "./problem.ts";

/**
 * How many calls may be under way at once, in this process and for one tenant. More are turned away while that is cheap: by the
 * process before anything is asked about the caller, so that what comes in twice as fast as it can be served is answered, too.
 */
export function inFlight(most: { process: number; tenant: number }) {
  const perTenant = new Map<string, number>();
  let all = 0;

  function room(): void {
    if (all >= most.process) throw busy();
  }
  function leave(): void {
    all -= 1;
  }

  return {
    count: () => all,
    /** @throws busy */
    room,
    /** Counts a call in, and answers with what counts it out. @throws busy */
    enter(): () => void {
      room();
      all += 1;
      return leave;
    },
    /** Runs what has been counted in already for its tenant. @throws busy */
    async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
      const mine = perTenant.get(tenantId) ?? 0;
      if (mine >= most.tenant) throw busy();
      perTenant.set(tenantId, mine + 1);
      try {
        return await work();
      } finally {
        const left = (perTenant.get(tenantId) ?? 1) - 1;
        if (left > 0) perTenant.set(tenantId, left);
        else perTenant.delete(tenantId);
      }
    },
  };
}

const busy = () => new Problem("busy", { retryAfterSeconds: 1 });
