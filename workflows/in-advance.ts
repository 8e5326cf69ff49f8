import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** A step that may be done before its turn comes. */
export interface InAdvance {
  /** Does the step beside `work`, whose outcome is the answer; when `work` fails, the step is ended first. A failure of the step itself is left for its turn. */
  beside<T>(work: () => Promise<T>): Promise<T>;
  /** Its turn: nothing the first time if it is done already; after that it is done anew each time. */
  done(): Promise<void>;
}

export function inAdvance(step: () => Promise<unknown>): InAdvance {
  let ready = false;
  const attempt = async (): Promise<void> => {
    try {
      await step();
      ready = true;
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  };
  return {
    beside: async (work) => {
      const scope = new CancellationScope();
      const early = scope.run(attempt);
      early.catch(() => undefined);
      try {
        const result = await work();
        await early;
        return result;
      } catch (error) {
        scope.cancel();
        await CancellationScope.nonCancellable(() => early.catch(() => undefined));
        throw error;
      }
    },
    done: async () => {
      if (!ready) await step();
      ready = false;
    },
  };
}
