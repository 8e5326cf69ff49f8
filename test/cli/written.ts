import { vi } from 'vitest';

/** What is written to a stream of the process from now on, instead of being shown. */
export function written(stream: NodeJS.WriteStream): () => string {
  let text = '';
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return () => {
    spy.mockRestore();
    return text;
  };
}
