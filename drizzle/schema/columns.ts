import { customType, uuid } from "drizzle-orm/pg-core";

/** A moment to the millisecond: what JavaScript and the contract can hold. Always from the injected clock, never from SQL. */
export const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => "timestamp (3) with time zone",
  toDriver: (moment) => moment.toISOString(),
  // `0001-01-01 00:00:00+00` as RFC 3339 has it: in Postgres' form, JavaScript takes year 1 for 2001.
  fromDriver: (text) => new Date(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")),
});

/** The tenant that the row belongs to. Row-level security compares it with the setting `dais.tenant`. */
export const tenantId = () => uuid("tenant_id").notNull();

/** A 64-bit transaction id, which never wraps around. Postgres gives it; nobody else writes it. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => "xid8" });
