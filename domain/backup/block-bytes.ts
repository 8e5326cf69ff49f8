/** A blob has at most 50,000 blocks. https://learn.microsoft.com/rest/api/storageservices/put-block */
export const MOST_BLOCKS = 50_000;
const FIRST_BYTES = 4 * 1024 * 1024;
const BLOCKS_PER_STEP = 5_000;

/**
 * How many bytes a block gathers before it is staged, by its index. Nobody knows how long a dump will be, so that the blocks
 * of a file grow: twice as big after each 5,000. The first 20 GB of a file go in blocks of 4 MiB, which cost little memory; all
 * 50,000 together hold 19 TiB, more than a table of Postgres (32 TiB) gives compressed.
 *
 * By the index alone: a repeated attempt cuts the same content into the same blocks and recognises them.
 */
export const blockBytesAt = (index: number): number => FIRST_BYTES * 2 ** Math.floor(index / BLOCKS_PER_STEP);
