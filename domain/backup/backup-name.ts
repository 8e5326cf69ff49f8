/** Where a backup lies, told by its name. */
export interface BackupPlace {
  readonly backupId: string;
  /** The folder in the store, with `/` at its end. */
  readonly prefix: string;
}

export interface BackupIdentity {
  /** Null where the server does not tell: then its inventory name stands for it. */
  readonly systemId: string | null;
  readonly server: string;
  /** The database as one part of a name. */
  readonly databasePart: string;
  /** ISO 8601, UTC, of the server's clock. */
  readonly at: string;
  /** Eight hex digits that no other backup of this moment has. */
  readonly mark: string;
}

/** `7391…/shop/20261120T020000Z-1a2b3c4d/`: names sort by database and time, and no folder begins with another one's name. */
export function placeOf({ systemId, server, databasePart, at, mark }: BackupIdentity): BackupPlace {
  const backupId = `${at.replaceAll(/[-:]|\.\d+/g, '')}-${mark}`;
  return { backupId, prefix: `${systemId ?? server}/${databasePart}/${backupId}/` };
}
