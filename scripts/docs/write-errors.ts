import { CATEGORY_SENTENCES } from '../../cli/exit-status.ts';
import { catalogueRow, ERRORS, EXIT_CODES, type ErrorCategory, type ErrorCode } from '../../domain/errors.ts';
import { writePage, type GeneratedPage } from './generated-page.ts';

const INTRODUCTION = `# Errors

Every error has a code. The command line prints it as \`ERROR\`, \`DETAIL\` and \`HINT\`, or with \`--json\` as an object
\`{"error": {"code", "message", "detail", "hint", "context"}}\`; in Temporal the code is the type of the failure. *Tried
again* says whether the step is repeated by itself, or waits for somebody to act.

This page is written by \`node scripts/docs/write-errors.ts\` from \`domain/errors.ts\`.
`;

export const errorsPage = (): GeneratedPage => ({ path: 'docs/errors.md', text: [INTRODUCTION, ...categories().map(section)].join('\n') });

const categories = (): ErrorCategory[] => Object.keys(EXIT_CODES) as ErrorCategory[];

function section(category: ErrorCategory): string {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => catalogueRow(code).category === category);
  const sentence = CATEGORY_SENTENCES[category];
  return [
    `## Exit code ${EXIT_CODES[category]}: ${category}`,
    '',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    '',
    '| code | what it means | tried again | what to do |',
    '| --- | --- | --- | --- |',
    ...codes.map(line),
    '',
  ].join('\n');
}

function line(code: ErrorCode): string {
  const { sentence, retry, hint } = catalogueRow(code);
  return `| \`${code}\` | ${sentence} | ${retry === 'again' ? 'yes' : 'no'} | ${hint ?? ''} |`;
}

if (import.meta.main) writePage(errorsPage());
