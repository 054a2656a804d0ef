/**
 * Reads a decimal number of XML Schema, to nine decimals: of a degree, that is a tenth of a millimetre. NaN for what is none, and for what
 * is too large to be anything on the globe.
 */
export function readDecimal(said: string): number {
  const value = /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(said) ? Number(said) : Number.NaN;
  return Math.abs(value) < 1e9 ? rounded(value) : Number.NaN;
}

/** A number to nine decimals, and never -0, which is equal to 0 but another value. */
export function rounded(value: number): number {
  return Number(value.toFixed(9)) + 0;
}

/** A number as XML Schema writes decimals: without an exponent, and in no more digits than each of its readers can take. */
export function plain(value: number): string {
  const text = value.toFixed(9);
  return text.includes("e") ? text : text.replace(/\.?0+$/, "").replace(/^-0$/, "0");
}
