import { customType, timestamp, uuid } from "drizzle-orm/pg-core";

/** A moment to the millisecond: what JavaScript and the contract can hold. Always from the injected clock, never from SQL. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

/** The tenant that the row belongs to. Row-level security compares it with the setting `dais.tenant`. */
export const tenantId = () => uuid("tenant_id").notNull();

/** A 64-bit transaction id, which never wraps around. Postgres gives it; nobody else writes it. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => "xid8" });
