import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import {
  type KeptSettings,
  type Organisation,
  type Settings,
  usualCalendar,
  usualPostureSettings,
  usualSignalSettings,
} from "@dais/contracts/organisations";
import { organisations } from "@dais/drizzle/schema/organisations";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";

type Shown = z.infer<typeof Organisation>;
type Wanted = {
  name?: { en: string; ar: string | null };
  timeZone?: string;
  languages?: Settings["languages"];
  signals?: { raiseAfterMinutes?: number; reviewBelow?: number };
  posture?: { dwellMinutes?: number };
  calendar?: Partial<Settings["calendar"]>;
};

const byId = statement((db) =>
  db
    .select()
    .from(organisations)
    .where(eq(organisations.id, sql.placeholder("id")))
    .prepare("organisations_by_id"),
);
const locked = statement((db) =>
  db
    .select()
    .from(organisations)
    .where(eq(organisations.id, sql.placeholder("id")))
    .for("update")
    .prepare("organisations_locked"),
);

/** The caller's own. */
export async function own(ctx: Ctx): Promise<Shown | undefined> {
  const [row] = await byId(ctx).execute({ id: ctx.tenant.id });
  return row && show(row);
}

/** @throws organisation_not_found, organisation_changed */
export async function change(ctx: Ctx, id: string, version: number, wanted: Wanted) {
  const uuid = uuidOf(id);
  const [row] = await locked(ctx).execute({ id: uuid });
  if (!row || uuid !== ctx.tenant.id) throw new Problem("organisation_not_found");
  if (row.version !== version) throw new Problem("organisation_changed", { version: row.version });
  const next = {
    nameEn: wanted.name?.en ?? row.nameEn,
    nameAr: wanted.name ? wanted.name.ar : row.nameAr,
    timeZone: wanted.timeZone ?? row.timeZone,
    settings: {
      ...row.settings,
      languages: wanted.languages ?? row.settings.languages,
      ...(wanted.signals && { signals: { ...row.settings.signals, ...given(wanted.signals) } }),
      ...(wanted.posture && { posture: { ...row.settings.posture, ...given(wanted.posture) } }),
      ...(wanted.calendar && { calendar: { ...row.settings.calendar, ...given(wanted.calendar) } }),
    },
  };
  const before = show(row);
  const same = show({ ...row, ...next });
  if (JSON.stringify(same) === JSON.stringify(before)) return { uuid, before, after: before };
  const [after] = await ctx.db
    .update(organisations)
    .set({ ...next, version: version + 1, updatedAt: ctx.now })
    .where(and(eq(organisations.id, uuid), eq(organisations.version, version)))
    .returning();
  if (!after) throw new Problem("organisation_changed", { version: row.version });
  return { uuid, before, after: show(after) };
}

const given = <T extends object>(some: T): Partial<T> =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The settings of the caller's organisation, as they are now. */
export async function settingsOf(ctx: Ctx): Promise<Settings> {
  const [row] = await ctx.send("select settings from organisations where id = $1", [ctx.tenant.id]);
  return whole(row?.settings as KeptSettings);
}

const whole = (kept: KeptSettings): Settings => ({
  ...kept,
  signals: { ...usualSignalSettings, ...kept.signals },
  posture: { ...usualPostureSettings, ...kept.posture },
  calendar: { ...usualCalendar, ...kept.calendar },
});

const show = (row: typeof organisations.$inferSelect): Shown => ({
  id: idOf("org", row.id),
  slug: row.slug,
  name: { en: row.nameEn, ar: row.nameAr },
  timeZone: row.timeZone,
  settings: whole(row.settings),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
