import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, XmlValidateError, XsdValidator } from "libxml2-wasm";

/** Real alerts, and the schema of CAP 1.2. */
export const samples = join(import.meta.dirname, "../../../packages/demo/alerts");
const path = join(samples, "cap12.xsd");
const validator = readSchema();

/** What is wrong with a document by the schema of CAP 1.2: libxml2's words, none if it is valid. */
export function flawsBySchema(xml: string): string[] {
  const document = XmlDocument.fromString(xml);
  try {
    validator.validate(document);
    return [];
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error;
    return error.details.map(({ message }) => message);
  } finally {
    document.dispose();
  }
}

/** The same by the program that people use for it, of the Debian package libxml2-utils; null on a machine without it. */
export function flawsByXmllint(xml: string): string[] | null {
  const { status, stderr, error } = spawnSync("xmllint", ["--noout", "--nonet", "--schema", path, "-"], {
    input: xml,
    encoding: "utf8",
  });
  if (error && "code" in error && error.code === "ENOENT") return null;
  if (error) throw error;
  return status === 0 ? [] : stderr.trim().split("\n");
}

function readSchema(): XsdValidator {
  const schema = XmlDocument.fromString(readFileSync(path, "utf8"));
  try {
    return XsdValidator.fromDoc(schema);
  } finally {
    schema.dispose();
  }
}
