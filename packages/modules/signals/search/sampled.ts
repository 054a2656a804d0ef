import type { Conditions } from "./filters.ts";
import { all, type Order, stretchOf } from "./stretch.ts";

/** How many of the newest are looked at in any case, where it matters how common words and places are, and where it doesn't. */
const [some, fewer] = [500, 100];
/** How many more are walked, where they should be enough. */
const walk = 6000;
/** Of `some`: what more of them fit is too common for its index to help; what fewer fit is so rare that its index leaves next to nothing. */
const [common, rare] = [some / 10, some / 100];
/** How many times as long as the sample's the stretch is in which the indexes are asked first. */
const longer = 64;

/**
 * The statement that finds signals by how common it is what is asked for. Postgres doesn't know (of boxes it never does), and the wrong way
 * costs a hundred times the right one. So it looks at the newest few first. Are there enough among them, that's it (`near`); do so many of
 * them fit that the page should fill soon, it walks on (`walked`); otherwise it asks the indexes that rule enough out, where they leave many
 * first for a stretch of the list (`narrowed`), and at last for all of it.
 */
export function sampled(conditions: Conditions, order: Order, most: string): string {
  const { words, place } = conditions;
  const { at, by } = order;
  const { stretch, rest } = stretchOf(conditions, order);
  const [said, there, exact] = [words?.plain ?? "true", place?.plain ?? "true", place?.exact ?? "true"];
  const few = words || place ? some : fewer;
  const newest = (count: number) =>
    `(select * from signals_seen where ${stretch} order by ${at} ${by} limit ${count}) as s`;
  const ways = waysOf(conditions, order);
  const enough = (of: string) => `(select count(*) from ${of}) >= ${most}`;
  const narrow = `(select narrow from seen) and not ${enough("walked")} and ${conditions.tenant}
        and ${at} >= (select low from seen) and ${at} <= (select high from seen)`;
  const narrowed = ways.filter(({ way }) => way !== "rest").map((way) => asked(way, order, narrow));
  const anywhere = ways.map((way) => asked(way, order, `not ${enough("walked")} and not ${enough("narrowed")}`));
  return `
  with near as materialized (
    select id, ${at} as at, said, there, said and there and ${rest} and ${exact} as fits
    from (select *, ${said} as said, ${there} as there from ${newest(few)}) as s
  ), seen as materialized (
    ${seen(conditions, order, few, most)}
  ), walked as materialized (
    select id, at from (
      select id, ${at} as at from ${newest(walk)}
      where (select soon from seen) and ${[rest, there, said, exact].join(" and ")} order by ${at} ${by} limit ${most}
    ) as w
  ), narrowed as materialized (
    ${narrowed.length > 0 ? narrowed.join(" union all ") : `select id, at from near where false`}
    order by 2 ${by.replace("id", "1")} limit ${most}
  ), found as (
    select id, at from near where fits and (select enough from seen)
    union all select id, at from walked where ${enough("walked")}
    union all select id, at from narrowed where ${enough("narrowed")}
    union all ${anywhere.join(" union all ")}
    order by 2 ${by.replace("id", "1")} limit ${most}
  )
  select ${all} from found join signals s on s.id = found.id
  where s.${conditions.tenant} order by found.at ${by.replace("id", "found.id")}`;
}

/** What the newest few tell: whether they are enough, and if not, where to look, and how. */
function seen({ words, place }: Conditions, { by }: Order, few: number, most: string): string {
  const one = words ? "'words'" : place ? "'place'" : "'rest'";
  const way = !(words && place)
    ? one
    : `case when said > ${common} and there <= ${common} then 'place' when there > ${common} and said <= ${common} then 'words' else 'both' end`;
  // Times have ends, also in Postgres.
  const far = `least((newest - oldest) * ${longer}, interval '4000 years')`;
  const [low, high] = by.startsWith("asc") ? ["oldest", `oldest + ${far}`] : [`newest - ${far}`, "newest"];
  return `select enough, not enough and fits * ${walk / few} >= ${most} as soon, case when not enough then ${way} end as way,
      not enough and least(said, there) >= ${rare} as narrow, ${low} as low, ${high} as high
    from (
      select count(*) < ${few} or count(*) filter (where fits) >= ${most} as enough, min(at) as oldest, max(at) as newest,
        count(*) filter (where fits) as fits, count(*) filter (where said) as said, count(*) filter (where there) as there
      from near
    ) as counted`;
}

/** A way to look everywhere: what an index answers, and what is left to be looked at in the rows. */
type Way = { way: string; index: string; others: string };

function waysOf(conditions: Conditions, order: Order): Way[] {
  const { tenant, words, place } = conditions;
  const { within, stretch, rest } = stretchOf(conditions, order);
  if (!words && !place) return [{ way: "rest", index: `${stretch} and ${rest}`, others: "true" }];
  const left = (...more: (string | undefined)[]) =>
    [tenant, within, rest, ...more.filter((one) => one !== undefined), place?.exact ?? "true"].join(" and ");
  return [
    ...(words ? [{ way: "words", index: words.byIndex, others: left(place?.plain) }] : []),
    ...(place ? [{ way: "place", index: place.byIndex, others: left(words?.plain) }] : []),
    ...(words && place ? [{ way: "both", index: `${words.byIndex} and ${place.byIndex}`, others: left() }] : []),
  ];
}

const asked = ({ way, index, others }: Way, { at }: Order, where: string): string => `
    select id, ${at} as at from (
      select * from ${way === "rest" ? "signals" : "signals_seen"}
      where (select way from seen) = '${way}' and ${where} and ${index} offset 0
    ) as far where ${others}`;
