import { readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "@dais/contracts/version";

type Package = { name: string; version: string; license?: string };

/**
 * Lists the packages whose code is in the bundle, as CycloneDX. Scanners look for folders of packages, and the bundle has none left.
 * @param files Paths of the files that went in.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(files: readonly string[]): object {
  const folders = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []));
  const packages = [...folders].map(
    (folder): Package => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const components = packages.map(componentOf).sort((a, b) => (a.purl < b.purl ? -1 : 1));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: "dais", version } },
    components,
  };
}

/** @see https://github.com/package-url/purl-spec */
function componentOf({ name, version: written, license }: Package) {
  const version = written.replace(/^v/, "");
  const licenses = typeof license === "string" ? { licenses: [{ expression: license }] } : {};
  return { type: "library", name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}`, ...licenses };
}
