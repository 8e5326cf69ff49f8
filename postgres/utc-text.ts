/** SQL for a timestamptz as ISO 8601 in UTC with microseconds: the same text whatever the server's settings. */
export const utcText = (expression: string): string => `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
