import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { problems } from "@dais/contracts";
import { type Plugin, rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import about from "./package.json" with { type: "json" };

/**
 * Writes the package as it is published: one file of JavaScript, one of types with the contract in it, and nothing that the
 * reader's program must resolve but tRPC. By default to `dist`, from where `npm pack` takes it.
 */
export async function build(folder = join(import.meta.dirname, "dist")): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const input = join(import.meta.dirname, "index.ts");
  await write(input, [withoutTypes], join(folder, "index.js"));
  await write(input, [types, codesInWords], join(folder, "index.d.ts"));
  copyFileSync(join(import.meta.dirname, "README.md"), join(folder, "README.md"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(published(), null, 2)}\n`);
  return folder;
}

function published() {
  const { name, version, description, dependencies } = about;
  const { "@dais/contracts": _, ...needed } = dependencies;
  return {
    name,
    version,
    description,
    license: "UNLICENSED",
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
    types: "./index.d.ts",
    files: ["index.js", "index.d.ts", "README.md"],
    engines: { node: ">=20" },
    dependencies: needed,
  };
}

async function write(input: string, plugins: Plugin[], file: string): Promise<void> {
  const bundle = await rollup({ input, plugins, external: /^(@trpc\/|zod)/, onwarn: fail });
  await bundle.write({ file, format: "es" });
  await bundle.close();
}

const fail = (warning: { message: string }) => {
  throw new Error(warning.message);
};

/** Node's own stripping leaves every other character where it was. */
const withoutTypes: Plugin = {
  name: "without-types",
  transform: (code) => ({ code: stripTypeScriptTypes(code), map: null }),
};

/** Only what the client's own types refer to: of the contract that is its evaluated types, and none of its schemas. */
const types = dts({
  includeExternal: ["@dais/contracts"],
  compilerOptions: { preserveSymlinks: false },
  tsconfig: join(import.meta.dirname, "../../tsconfig.json"),
});

/** The codes one by one, instead of how they follow from the contract: half the types in whoever reads it, and words to look at. */
const codesInWords: Plugin = {
  name: "codes-in-words",
  renderChunk(text) {
    const codes = Object.keys(problems).map((code) => `"${code}"`);
    const said = text.replace(/^type ProblemCode = .*;$/m, `type ProblemCode = ${codes.join(" | ")};`);
    if (said === text) throw new Error("The types have no line for ProblemCode.");
    return said;
  },
};

if (import.meta.main) console.log(await build());
