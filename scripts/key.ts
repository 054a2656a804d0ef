/**
 * Makes an API key straight in the database, for who has none yet: `npm run key`. Without arguments it says how.
 *
 * The same work as the operation apiKeys.create, with its audit entry and its event; the actor is the system's operator. The
 * text goes to stdout, once; all else to stderr.
 */
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { operations, permissions } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Problem } from "@dais/kernel/problem";
import { failed, withDatabase } from "./database.ts";
import { makeKey, type Wanted } from "./key/make.ts";

const operation = operations.get("apiKeys.create") as Operation;
const options = {
  organisation: { type: "string" },
  name: { type: "string" },
  permissions: { type: "string" },
  clearance: { type: "string" },
  kind: { type: "string" },
  expires: { type: "string" },
} as const;

if (process.argv.length === 2) process.stdout.write(usage());
else {
  try {
    const wanted = read();
    const { text, id } = await withDatabase(({ app }) =>
      makeKey(app, operation, wanted, `operator:${userInfo().username}`),
    );
    process.stderr.write(`${id}, for ${wanted.organisation}. Its text is shown this once:\n`);
    process.stdout.write(`${text}\n`);
  } catch (error) {
    failed(inWords(error));
  }
}

function read(): Wanted {
  const { values } = parseArgs({ options });
  const { organisation, expires, ...said } = values;
  const missing = (["organisation", "name", "permissions", "clearance"] as const).filter((name) => !values[name]);
  if (missing.length > 0)
    throw new Error(`Missing: ${missing.map((name) => `--${name}`).join(", ")}. See: npm run key`);
  const input = operation.input.safeParse({
    ...said,
    permissions: said.permissions?.split(",").map((each) => each.trim()),
    ...(expires ? { expiresAt: expires } : {}),
  });
  if (!input.success)
    throw new Error(input.error.issues.map(({ path, message }) => `--${nameOf(path[0])}: ${message}`).join("\n"));
  return { organisation: organisation as string, input: input.data as Wanted["input"] };
}

function nameOf(field: PropertyKey | undefined): string {
  return field === "expiresAt" ? "expires" : String(field);
}

function inWords(error: unknown): unknown {
  const { name, code, extensions } = error as Problem;
  if (name !== "Problem") return error;
  if (code === "api_key_permission_unknown") {
    return new Error(
      `No such permission: ${(extensions.permissions as string[]).join(", ")}. All of them: npm run key`,
    );
  }
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
  --kind          client (the default) or agent
  --expires       RFC 3339 in UTC, for example 2027-01-01T00:00:00Z; without it, never

Permissions:
${list.join("\n")}
`;
}
