import { Problem } from "./problem.ts";

/** How many calls may be under way at once, in this process and for one tenant. More are turned away while turning away is cheap. */
export function inFlight(most: { process: number; tenant: number }) {
  const perTenant = new Map<string, number>();
  let all = 0;
  return {
    count: () => all,
    /** @throws busy */
    async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
      const mine = perTenant.get(tenantId) ?? 0;
      if (all >= most.process || mine >= most.tenant) throw new Problem("busy", { retryAfterSeconds: 1 });
      all += 1;
      perTenant.set(tenantId, mine + 1);
      try {
        return await work();
      } finally {
        all -= 1;
        const left = (perTenant.get(tenantId) ?? 1) - 1;
        if (left > 0) perTenant.set(tenantId, left);
        else perTenant.delete(tenantId);
      }
    },
  };
}
