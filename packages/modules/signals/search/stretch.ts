import { columns } from "../columns.ts";
import type { Conditions } from "./filters.ts";

/** What orders the list: the column and the direction, and what lies after a position. */
export type Order = { at: "occurred_at" | "updated_at"; by: "desc, id desc" | "asc, id asc"; after: string };

/** The columns of signals that the module knows; the words that they are found by stay where they are. */
export const all = columns.map(([, { name }]) => `s."${name}"`).join(", ");

/**
 * The part of the list in which to look: a stretch of the index that has its order, and the same without the tenant. And what is looked at
 * in each of its rows.
 */
export function stretchOf({ tenant, levels, times, rest }: Conditions, { at, after }: Order) {
  const other = at === "occurred_at" ? times.updated_at : times.occurred_at;
  const within = `${levels} and ${times[at]} ${after}`;
  return { within, stretch: `${tenant} and ${within}`, rest: `${rest} and ${other}` };
}
