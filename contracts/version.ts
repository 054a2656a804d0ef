/** The version of the API as it was last released. `npm run release` counts it up: see docs/releasing.md. */
export const version = "0.1.0";
