/**
 * Makes the server one file that needs no node_modules: `npm run bundle` fills `dist/`, which is what the image holds. Starts in a
 * third of the time and with a third of the memory of the sources.
 *
 * Beside `server.mjs` lie the files that it reads (migrations, the OpenAPI document, the reference's script), the worker that
 * makes documents with its fonts, and the list of the packages that are in it. What only a checkout has, an embedded Postgres and the demo, is left out; asking for it is answered with a
 * sentence.
 */
import { cpSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { openapiFile, scalarFile } from "@dais/api/assets";
import { fontFiles, pathOf } from "@dais/pdf/text/faces";
import { build, type PluginBuild } from "esbuild";
import { billOfMaterials } from "./bundle/bill.ts";

const root = join(import.meta.dirname, "..");

/** Modules that are imported only where something isn't configured, and what their absence says. */
const left: Record<string, string> = {
  "apps/api/start/claim.ts": "The bundled server brings no Postgres: set DATABASE_URL.",
  "apps/api/start/secret.ts": "The bundled server keeps no secret of its own: set CURSOR_SECRET.",
  "apps/api/start/demo.ts": "The bundled server has no demo: leave DEMO out.",
  "apps/api/start/issuer.ts": "The bundled server brings no identity provider: set ENTRA_TENANT_ID or OIDC_ISSUER.",
  "packages/local/postgres.ts": "The bundled server brings no Postgres: set DATABASE_URL.",
};

/** Fills a folder, whatever was in it, with the server and all that it needs besides Node. Answers with the server's path. */
export async function bundle(folder: string = join(root, "dist")): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const outfile = join(folder, "server.mjs");
  const server = await one("apps/api/main.ts", outfile);
  // A thread of its own, with what only it needs: the server stays as small as it is.
  const worker = await one("packages/pdf/worker.ts", join(folder, "pdf-worker.mjs"));
  mkdirSync(join(folder, "fonts"));
  const fonts = fontFiles.map((name) => pathOf(name));
  for (const path of fonts) cpSync(path, join(folder, "fonts", basename(path).replace("-normal.woff", ".woff")));
  cpSync(join(dirname(fonts[0] as string), "../LICENSE"), join(folder, "fonts/LICENSE"));
  // Where drizzle/migrate.ts looks: beside the file that its code is in.
  cpSync(join(root, "drizzle/migrations"), join(folder, "migrations"), { recursive: true });
  cpSync(openapiFile, join(folder, "openapi.json"));
  cpSync(scalarFile(), join(folder, "scalar.js"));
  const files = [
    ...[...server, ...worker].map((path) => join(root, path)),
    ...fonts.map((path) => realpathSync(path)),
    realpathSync(fileURLToPath(scalarFile())),
  ];
  writeFileSync(join(folder, "server.cdx.json"), `${JSON.stringify(billOfMaterials(files), null, 2)}\n`);
  return outfile;
}

/** Makes one file of a program and all that it imports. Answers with the paths of what went in. */
async function one(entry: string, outfile: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // Names stay as they are, so that a stack in the log can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "external",
    define: { DAIS_BUNDLED: "true" },
    // CommonJS inside: what it requires of Node's own must be requirable.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [{ name: "left out", setup: leaveOut }],
    metafile: true,
    absWorkingDir: root,
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs);
}

/** Puts in the place of a module one that refuses when it is loaded. */
function leaveOut({ onLoad }: PluginBuild): void {
  const stop = JSON.stringify(join(root, "apps/api/start/stop.ts"));
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const sentence = left[relative(root, path)];
    if (!sentence) return undefined;
    return { contents: `import { Refusal } from ${stop}; throw new Refusal(${JSON.stringify(sentence)});` };
  });
}

if (import.meta.main) {
  const path = await bundle();
  process.stdout.write(`${relative(root, path)}: ${(statSync(path).size / 1e6).toFixed(1)} MB\n`);
}
