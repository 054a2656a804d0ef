/** Signs the cursors of every server under measurement. */
export const cursorKey = new Uint8Array(32);
/** Calls in a minute: so many that nobody meets the limit. They are counted all the same. */
export const most = 1_000_000;
