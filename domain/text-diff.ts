/** What a text loses and gains by lines: `-` and `+` before them, lines that stay are left out. Order among equal lines is not looked at. */
export function lineDiff(before: string, after: string): readonly string[] {
  const left = lines(before);
  const right = lines(after);
  return [...without(left, right).map((line) => `- ${line}`), ...without(right, left).map((line) => `+ ${line}`)];
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Each line of `other` takes one away. */
function without(all: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return all.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
