import { parseLsn } from '../lsn.ts';
import { CONTROL_STATES, type ControlFacts, type ControlState } from './node-facts.ts';

/**
 * Takes what `pg_controldata` prints (in the C locale). What lacks one of the lines, or has a state that is none, as of a damaged file, is a RangeError.
 * https://www.postgresql.org/docs/current/app-pgcontroldata.html
 */
export function parseControlData(text: string): ControlFacts {
  const lines = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const value = (label: string): string => {
    const found = lines.get(label);
    if (found === undefined) throw new RangeError(`pg_controldata prints no "${label}"`);
    return found;
  };
  return {
    systemIdentifier: value('Database system identifier'),
    state: stateOf(value('Database cluster state')),
    timeline: Number(value("Latest checkpoint's TimeLineID")),
    checkpointLsn: parseLsn(value('Latest checkpoint location')),
    redoLsn: parseLsn(value("Latest checkpoint's REDO location")),
    walLogHints: value('wal_log_hints setting') === 'on',
    dataChecksums: value('Data page checksum version') !== '0',
    fullPageWrites: value("Latest checkpoint's full_page_writes") === 'on',
  };
}

function stateOf(text: string): ControlState {
  const state = CONTROL_STATES.find((known) => known === text);
  if (state === undefined) throw new RangeError(`not a state of a cluster: ${text}`);
  return state;
}
