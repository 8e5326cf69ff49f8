/** Stands for the name of the database in a backup of a whole server. */
export const WHOLE_CLUSTER = '*';
