/** How much of a document is read. What has more is refused. */
export type CapLimits = {
  /** Of the whole document, encoded. Above it nothing is looked at. */
  bytes: number;
  /** Elements within elements. */
  depth: number;
  /** Elements and attributes of the whole document. */
  nodes: number;
  /** Alerts of the document, and entries of a feed. */
  alerts: number;
  /** Of one alert. */
  infos: number;
  /** Of one info. */
  areas: number;
  /** Of one polygon. */
  points: number;
  /** Of all polygons of the document. */
  pointsOfAll: number;
  /** Problems and warnings that are told one by one. */
  told: number;
};

export const defaultLimits: CapLimits = {
  bytes: 5 * 1024 * 1024,
  depth: 32,
  nodes: 200_000,
  alerts: 1000,
  infos: 100,
  areas: 1000,
  points: 10_000,
  pointsOfAll: 100_000,
  told: 1000,
};
