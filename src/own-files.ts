/**
 * Where views, styles and migrations lie: beside `src`, and beside the one folder that all is built into. So nobody else
 * may ask where he is.
 */
export const ownFiles = new URL('../', import.meta.url);
