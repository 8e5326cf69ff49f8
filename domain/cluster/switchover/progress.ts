/** Where a switchover stands, for the page of its workflow, for queries and for the command line. */
import type { ErrorReport } from '../../errors.ts';
import type { RunEnd, RunEvent } from '../run/machine.ts';
import { SWITCHOVER_STEPS } from '../run/steps.ts';
import type { WindowResult, WindowStep } from './window-result.ts';

export interface SwitchoverEvent extends RunEvent {
  /** How long it took; null where nobody has measured it. */
  readonly ms: number | null;
}

export interface SwitchoverProgress {
  readonly operation: string;
  readonly cluster: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly epoch: number | null;
  readonly events: readonly SwitchoverEvent[];
  readonly window: WindowResult | null;
  readonly problems: readonly { readonly step: string; readonly error: ErrorReport }[];
  /** Null while it runs. */
  readonly end: RunEnd | null;
}

export function switchoverMarkdown({ operation, cluster, from, to, epoch, events, window, problems, end }: SwitchoverProgress): string {
  const last = new Map(events.map((event) => [event.step, event]));
  const rows = SWITCHOVER_STEPS.map(({ id }) => `| ${id} | ${last.get(id)?.phase ?? ''} | ${msText(last.get(id)?.ms ?? null)} |`);
  return [
    `Switchover of **${cluster}** · ${end ?? 'running'} · run \`${operation}\`${epoch === null ? '' : ` · epoch ${epoch}`}`,
    '',
    ...(from === null ? [] : [`${from} → **${to}**`, '']),
    ...(window?.outcome === 'switched' && window.blockedMs !== null ? [`Writes were held back for **${window.blockedMs} ms**.`, ''] : []),
    '| step | | ms |',
    '| --- | --- | --- |',
    ...rows,
    ...problems.map(({ step, error }) => `\n- \`${step}\`: ${error.message}${error.detail === undefined ? '' : `. ${error.detail}`}`),
  ].join('\n');
}

const msText = (ms: number | null): string => (ms === null ? '' : String(Math.round(ms * 10) / 10));

/** How long each step of a window took, from when each had ended; those that ended together took nothing. */
export function windowDurations({ times }: WindowResult): ReadonlyMap<WindowStep, number> {
  const ended = Object.entries(times).toSorted(([, left], [, right]) => left - right) as [WindowStep, number][];
  return new Map(ended.map(([step, at], index) => [step, Math.round((at - (ended[index - 1]?.[1] ?? 0)) * 10) / 10]));
}
