/**
 * Makes an organisation and its first administrator straight in the database: `npm run tenant`. Without arguments it says how. What is there
 * already stays as it is, so that it can be run again.
 */
import { parseArgs } from "node:util";
import { NameInput } from "@dais/contracts/kit/shapes";
import { TimeZone } from "@dais/contracts/organisations";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import { z } from "zod";
import { failed, withDatabase } from "./database.ts";
import { asOperator } from "./operator.ts";
import { found } from "./tenant/found.ts";

const options = {
  slug: { type: "string" },
  name: { type: "string" },
  "name-ar": { type: "string" },
  "time-zone": { type: "string" },
  levels: { type: "string" },
  directory: { type: "string" },
  administrator: { type: "string" },
  "administrator-name": { type: "string" },
} as const;

const levelName = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, "must be small letters, digits, - and _");
const Wanted = z.strictObject({
  slug: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, "must be 2 to 40 small letters, digits and -"),
  name: NameInput,
  timeZone: TimeZone,
  levels: z.array(levelName).min(1).max(10),
  directory: z.string().min(1).max(200),
  administrator: z.string().min(1).max(200),
  administratorName: z.string().min(1).max(200),
});

if (process.argv.length === 2) process.stdout.write(usage());
else {
  try {
    const wanted = read();
    const made = await withDatabase(({ app }) => asOperator(app, (operator) => found(operator, wanted)));
    process.stdout.write(
      `${made.organisation ? "Made" : "There already"}: organisation ${wanted.slug}.\n${made.administrator ? "Made" : "There already"}: ` +
        `${wanted.administratorName} (${made.personId}), administrator. They sign in at /auth/sign-in.\n`,
    );
  } catch (error) {
    failed(error);
  }
}

function read(): z.infer<typeof Wanted> {
  const { values } = parseArgs({ options });
  const missing = (["slug", "name", "directory", "administrator", "administrator-name"] as const).filter(
    (n) => !values[n],
  );
  if (missing.length > 0)
    throw new Error(`Missing: ${missing.map((name) => `--${name}`).join(", ")}. See: npm run tenant`);
  const result = Wanted.safeParse({
    slug: values.slug,
    name: { en: values.name, ar: values["name-ar"] ?? null },
    timeZone: values["time-zone"] ?? "Asia/Dubai",
    levels: (values.levels ?? "public,internal,confidential,secret").split(",").map((level) => level.trim()),
    directory: values.directory,
    administrator: values.administrator,
    administratorName: values["administrator-name"],
  });
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`).join("\n"));
}

function usage(): string {
  return `Makes an organisation and its first administrator straight in the database. Run again, it changes nothing that is there.

  npm run tenant -- --slug acme --name "Acme" --directory 72f988bf-86f1-41af-91ab-2d7cd011db47 \\
    --administrator 9f4880d8-80ba-4c40-97bc-f7a23c703084 --administrator-name "Sara Ahmed"

  --slug                its short name, part of every API key's text; never changes
  --name, --name-ar     its name in English and in Arabic
  --time-zone           IANA; by default Asia/Dubai
  --levels              of classification, lowest first, separated by commas; by default public,internal,confidential,secret
  --directory           whose people sign in: Entra's tenant id, or the issuer's URL
  --administrator       the first administrator's object id there (Entra's oid, otherwise sub)
  --administrator-name  their name, until they sign in

Roles: ${builtInRoles.map(({ key }) => key).join(", ")}. App roles of the directory with these names give them.
`;
}
