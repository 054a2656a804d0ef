import { asOwner } from "./owner.ts";
import type { Place } from "./place.ts";

/** The events of an organisation in their order: name and payload. */
export const told = async ({ tenantId }: Place): Promise<[string, Record<string, unknown>][]> => {
  const rows = await asOwner()`select name, payload from outbox where tenant_id = ${tenantId} order by seq`;
  return rows.map(({ name, payload }) => [name, payload]);
};
