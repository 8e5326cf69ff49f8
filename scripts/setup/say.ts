/** A progress line. Always on stderr: stdout belongs to the program that is set up, which may print JSON. */
export function say(line: string): void {
  process.stderr.write(`set-up: ${line}\n`);
}
