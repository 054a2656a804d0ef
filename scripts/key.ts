/**
 * Makes an API key straight in the database, for who has none yet: `npm run key`. Without arguments it says how.
 *
 * The same work as the operation apiKeys.create, with its audit entry and its event; the actor is the system's operator. The
 * text goes to stdout, once; all else to stderr.
 */
import { parseArgs } from "node:util";
import { operations, permissions } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Problem } from "@dais/kernel/problem";
import { task } from "@dais/kernel/task";
import { modules } from "@dais/modules";
import { failed, withDatabase } from "./database.ts";
import { asOperator, organisationNamed } from "./operator.ts";

type Wanted = { organisation: string; input: Parameters<typeof modules.apiKeys.create>[1] };

const create = task({
  name: "apiKeys.create",
  action: "api_key.create",
  run: (ctx, input: Wanted["input"]) => {
    if (ctx.visible.includes(input.clearance)) return modules.apiKeys.create(ctx, input);
    throw new Error(`No such clearance: ${input.clearance}. It must be one of ${ctx.tenant.levels.join(", ")}.`);
  },
});

const operation = operations.get("apiKeys.create") as Operation;
const options = {
  organisation: { type: "string" },
  name: { type: "string" },
  permissions: { type: "string" },
  clearance: { type: "string" },
  agent: { type: "string" },
  expires: { type: "string" },
} as const;

if (process.argv.length === 2) process.stdout.write(usage());
else {
  try {
    const wanted = read();
    const made = await withDatabase(({ app }) =>
      asOperator(app, async (operator) => {
        const tenantId = await organisationNamed(operator.lanes, wanted.organisation);
        return operator.kernel.perform(create, operator.in(tenantId), wanted.input);
      }),
    );
    process.stderr.write(`${made?.id}, for ${wanted.organisation}. Its text is shown this once:\n`);
    process.stdout.write(`${made?.secret}\n`);
  } catch (error) {
    failed(inWords(error));
  }
}

function read(): Wanted {
  const { values } = parseArgs({ options });
  const { organisation, expires, agent, ...said } = values;
  const missing = (["organisation", "name", "permissions", "clearance"] as const).filter((name) => !values[name]);
  if (missing.length > 0)
    throw new Error(`Missing: ${missing.map((name) => `--${name}`).join(", ")}. See: npm run key`);
  const input = operation.input.safeParse({
    ...said,
    permissions: said.permissions?.split(",").map((each) => each.trim()),
    ...(agent ? { kind: "agent", agentId: agent } : {}),
    ...(expires ? { expiresAt: expires } : {}),
  });
  if (!input.success)
    throw new Error(input.error.issues.map(({ path, message }) => `--${nameOf(path[0])}: ${message}`).join("\n"));
  return { organisation: organisation as string, input: input.data as Wanted["input"] };
}

function nameOf(field: PropertyKey | undefined): string {
  return { expiresAt: "expires", agentId: "agent" }[String(field)] ?? String(field);
}

function inWords(error: unknown): unknown {
  const { name, code, extensions } = error as Problem;
  if (name !== "Problem") return error;
  if (code === "api_key_permission_unknown") {
    return new Error(
      `No such permission: ${(extensions.permissions as string[]).join(", ")}. All of them: npm run key`,
    );
  }
  if (code === "api_key_agent_unfit")
    return new Error("--agent names no agent of this organisation, or a retired one.");
  return new Error(code === "api_key_expiry_past" ? "--expires lies in the past." : `Refused: ${code}.`);
}

function usage(): string {
  const longest = Math.max(...Object.keys(permissions).map((key) => key.length));
  const list = Object.entries(permissions).map(([key, about]) => `  ${key.padEnd(longest)}  ${about}`);
  return `Makes an API key straight in the database.

  npm run key -- --organisation rimal --name "My importer" --permissions signal.read,signal.ingest --clearance internal

  --organisation  its slug
  --name          what the key is for
  --permissions   separated by commas
  --clearance     highest classification level that exists for the key's holder
  --agent         id of the registered agent whose key it is, and no more than which it may
  --expires       RFC 3339 in UTC, for example 2027-01-01T00:00:00Z; without it, never

Permissions:
${list.join("\n")}
`;
}
