import pg from 'pg';

/** Numbers, dates and json stay the server's own text: nothing is ever rounded by passing through JavaScript. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  21: Number,
  23: Number,
  26: Number,
  20: (text) => Number(text), // int8: counts and sizes; values beyond 2^53 are asked for as text
  114: JSON.parse,
  3802: JSON.parse,
  700: Number,
  701: Number,
};

/** What the driver makes of the server's text, by type. */
export const VALUE_PARSERS = {
  getTypeParser: (oid: number, format?: string): ((text: string) => unknown) => {
    if (format === 'binary') return (value) => value;
    const own = PARSERS[oid];
    if (own !== undefined) return own;
    return ARRAYS.has(oid) ? (pg.types.getTypeParser(oid as never) as (text: string) => unknown) : (text) => text;
  },
};

/** int2[], int4[], text[], oid[], name[], int8[] come as JavaScript arrays. */
const ARRAYS = new Set([1005, 1007, 1009, 1028, 1003, 1016, 1015]);
