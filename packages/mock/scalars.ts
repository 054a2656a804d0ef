import type { Schema } from "./schema.ts";
import type { Place } from "./values.ts";
import { rankOf } from "./words.ts";

const minute = 60_000;

/** A moment that goes with the field's name: nothing is changed before it is made, or reported before it happens. */
export function moment(field: string, { world, key, path, born, fresh }: Place): number {
  const now = world.now.getTime();
  const minutes = (most: number) => (1 + world.chance.below(most, key, ...path)) * minute;
  if (/created|^since$|^at$/i.test(field)) return born;
  if (/expire|due|until|deadline|retry|next|ends|sunset/i.test(field)) return now + minutes(7 * 24 * 60);
  if (/updated|changed|moved|acknowledged|approved|decided|closed|revoked/i.test(field))
    return fresh ? born : Math.min(now, born + minutes(90));
  if (/report|receive|fetch|sent/i.test(field)) return born - minutes(5);
  return born - 10 * minute - minutes(80);
}

/** A number within its bounds: near one of the examples' where there are, otherwise small. */
export function number(schema: Schema, of: Place & { field: string; seen: readonly unknown[] }): number {
  const { world, key, path, field, fresh, seen, n } = of;
  const whole = schema.type === "integer" || schema.multipleOf === 1;
  const step = schema.multipleOf ?? (whole ? 1 : 0.01);
  const least =
    bound(schema.minimum) ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + step : undefined);
  const most =
    bound(schema.maximum) ?? (schema.exclusiveMaximum !== undefined ? schema.exclusiveMaximum - step : undefined);
  const from = least ?? Math.min(0, (most ?? 0) - 100);
  const to = Math.min(most ?? Number.POSITIVE_INFINITY, from + (whole ? 100 : Math.max(1, 100 * step)));
  const wanted = () => {
    if (field === "version") return fresh ? 1 : 2;
    if (field === "rank") return rankOf(n);
    const near = seen.find((one): one is number => typeof one === "number");
    const part = world.chance.fraction(key, ...path);
    return near === undefined ? from + part * (to - from) : near * (0.6 + 0.6 * part);
  };
  const [first, last] = [Math.ceil(from / step - 1e-9), Math.floor((most ?? Number.MAX_SAFE_INTEGER) / step + 1e-9)];
  if (first > last) return least ?? from; // the bounds are closer together than the steps
  const round = Number((Math.min(Math.max(Math.round(wanted() / step), first), last) * step).toFixed(whole ? 0 : 6));
  return Math.min(Math.max(round, least ?? round), most ?? round);
}

/** Zod says the bounds of whole numbers that have none. */
const bound = (limit: number | undefined) => (limit === undefined || Math.abs(limit) > 2 ** 40 ? undefined : limit);
