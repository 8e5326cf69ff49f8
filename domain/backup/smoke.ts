/** Whether what a query gave, as text of the server, is what its owner expects. Numbers count as numbers: 12.50 is 12.5. */
export function isExpected(expect: string | number | boolean, answer: string | null): boolean {
  if (answer === null) return expect === 'null';
  if (typeof expect === 'boolean') return answer === (expect ? 't' : 'f');
  if (typeof expect === 'number') return answer.trim() !== '' && Number(answer) === expect;
  return answer === expect;
}
