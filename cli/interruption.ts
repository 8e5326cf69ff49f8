import { OperationError } from '../domain/errors.ts';

/** What a command does when it is interrupted: what it gives back ends the program; nothing, and it goes on. */
export type Answer = () => OperationError | undefined | Promise<OperationError | undefined>;

const END_AT_ONCE: Answer = () => new OperationError('interrupted', 'interrupted');

let current = END_AT_ONCE;

/** Until it is disposed, Ctrl-C asks `answer` first: a command that leaves something running says so, one that draws tidies the screen. */
export function whenInterrupted(answer: Answer): Disposable {
  const before = current;
  current = answer;
  return { [Symbol.dispose]: () => void (current = before) };
}

/** Calls `end` when the program is to end. A second Ctrl-C while the command still tidies ends it at once. */
export function listenForInterruption(end: (error: unknown) => void): void {
  let answering = false;
  process.on('SIGINT', () => {
    if (answering) return end(END_AT_ONCE());
    answering = true;
    Promise.resolve(current())
      .then((error) => error === undefined || end(error), end)
      .finally(() => (answering = false));
  });
}
