import type { Session } from "@dais/kernel/sessions";
import type { Caller } from "../request.ts";

/** Where a task of a sign-in is done, and what its entries say of the request. */
export const on = (
  tenantId: string,
  { requestId, traceparent, address }: Pick<Caller, "requestId" | "traceparent" | "address">,
) => ({
  tenantId,
  requestId,
  traceparent,
  address,
});

/** The same for a session, whose person it is done for. */
export const onBehalfOf = (session: Pick<Session, "tenantId" | "personId">, caller: Parameters<typeof on>[1]) => ({
  ...on(session.tenantId, caller),
  onBehalfOf: session.personId,
});
