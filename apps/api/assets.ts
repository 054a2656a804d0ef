/** Set by scripts/bundle.ts. In a checkout nobody sets it. */
declare const DAIS_BUNDLED: boolean | undefined;

/** Whether this is the bundled server, whose files lie beside it, rather than a checkout. */
const bundled = typeof DAIS_BUNDLED !== "undefined";

/** The OpenAPI document. */
export const openapiFile = new URL(bundled ? "./openapi.json" : "../../contracts/openapi.json", import.meta.url);

/** Scalar's own browser file: a copy beside the bundle, or from the package that is installed. */
export const scalarFile = (): URL =>
  bundled
    ? new URL("./scalar.js", import.meta.url)
    : new URL("browser/standalone.js", import.meta.resolve("@scalar/api-reference/style.css"));
