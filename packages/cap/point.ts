/** A place on the globe in degrees, WGS 84: latitude -90 to 90, longitude -180 to 180. */
export type Point = { latitude: number; longitude: number };

/** The mean radius of the Earth; against the ellipsoid, distances are off by 0.6 % at most. */
export const earthRadiusMetres = 6_371_008.8;

/** The distance of two points along the globe, by the haversine formula. */
export function metresBetween(a: Point, b: Point): number {
  const share =
    haversine(radians(b.latitude - a.latitude)) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * haversine(radians(b.longitude - a.longitude));
  return metresOf(share);
}

/** The distance along the globe whose haversine is `share`. */
export const metresOf = (share: number): number => 2 * earthRadiusMetres * Math.asin(Math.sqrt(Math.min(1, share)));
export const haversine = (angle: number): number => Math.sin(angle / 2) ** 2;
export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** A longitude turned into -180 (included) to 180 (not included). One that is within already stays exactly as it is, 180 too. */
export function wrapped(longitude: number): number {
  return Math.abs(longitude) <= 180 ? longitude : longitude - Math.floor((longitude + 180) / 360) * 360;
}
