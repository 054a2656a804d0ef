import type { programs } from "@dais/drizzle/schema/programs";
import { tids } from "./directory.ts";
import { demoUuid, founded } from "./fixed.ts";

/** The demo's API at its identity provider: the application that people sign in to. */
export const apiClientId = "d0a15000-0000-4000-8000-000000000001";

/** Applications of the first organisation's directory. Their secrets are the same on every machine, and so none. */
export const applications = [
  {
    id: "9a",
    name: "Weather importer",
    clientId: "d0a15000-0000-4000-8000-0000000000e1",
    clientSecret: "the-demo-importer-has-no-secret",
    redirectUris: [],
    appRoles: ["integration"],
    clearance: "internal",
  },
  {
    id: "9b",
    name: "Desktop program",
    clientId: "d0a15000-0000-4000-8000-0000000000e2",
    // Any port of the person's own machine (RFC 8252, section 7.3).
    redirectUris: ["http://127.0.0.1/callback", "http://localhost/callback"],
    clearance: "confidential",
  },
] as const;

/** Their rows in the organisation with this id, let in by whoever set it up. */
export const programRows = (tenantId: string, createdBy: string): (typeof programs.$inferInsert)[] =>
  applications.map(({ id, name, clientId, clearance }) => ({
    ...{ id: demoUuid("prg", id), tenantId, tid: tids.rimal, clientId, name, kind: "client", clearance, createdBy },
    ...{ createdAt: founded, updatedAt: founded },
  }));
