import type { Ctx } from "./context.ts";

/** Which day it is in the organisation's time zone: `2026-01-06`. */
export const today = ({ now, tenant }: Pick<Ctx, "now" | "tenant">): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: tenant.timeZone, dateStyle: "short" }).format(now);
