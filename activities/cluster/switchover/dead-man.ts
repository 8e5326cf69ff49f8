/** Ends a window that takes too long or that nobody leads any more, as long as nothing was claimed (C5, HA25). */
import { judgeWindow, type WindowLimits, type WindowState } from '../../../domain/cluster/run/window.ts';
import { OperationError } from '../../../domain/errors.ts';

export interface DeadMan extends Disposable {
  /** Aborted when the window has to be taken back, with the rule as its reason. */
  readonly signal: AbortSignal;
  claim: WindowState['claim'];
  /** The budget runs from now on. */
  open(): void;
  /** Since the catalog last answered what it was asked before. */
  sinceHeardMs(): number;
}

export interface Watched {
  readonly limits: WindowLimits;
  /** Asks the catalog anything. */
  readonly hear: () => Promise<unknown>;
  /** Of the step: cancelled from outside. */
  readonly ordered: AbortSignal;
}

const LOOK_EVERY_MS = 20;

export function watchWindow({ limits, hear, ordered }: Watched): DeadMan {
  const ending = new AbortController();
  let openedAt: number | undefined;
  let heardAt = performance.now();
  let asking = false;
  const ask = (): void => {
    if (asking) return;
    asking = true;
    const askedAt = performance.now();
    void hear().then(() => (heardAt = askedAt), () => undefined).finally(() => (asking = false));
  };
  const man: DeadMan = {
    signal: AbortSignal.any([ending.signal, ordered]),
    claim: 'not-asked',
    open: () => void (openedAt = performance.now()),
    sinceHeardMs: () => performance.now() - heardAt,
    [Symbol.dispose]: () => clearInterval(timer),
  };
  const timer = setInterval(() => {
    ask();
    const state = { claim: man.claim, elapsedMs: openedAt === undefined ? 0 : Math.round(performance.now() - openedAt), sinceOrchestratorMs: Math.round(man.sinceHeardMs()) };
    const { action, reason } = judgeWindow(state, limits);
    if (action === 'take-back') ending.abort(new OperationError('switchover_reverted', 'the window was closed before the promotion', { detail: reason }));
  }, LOOK_EVERY_MS);
  return man;
}

/** What `work` gives, unless the signal ends the wait for it. */
export async function unlessEnded<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', end);
    work.catch(() => undefined); // what comes of it later is nobody's business any more
  }
}
