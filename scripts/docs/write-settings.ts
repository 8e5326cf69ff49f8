import { SETTINGS } from '../../config/settings.ts';
import { writePage, type GeneratedPage } from './generated-page.ts';

const INTRODUCTION = `# Settings of a process

The inventory says what servers there are and what happens to them. What differs from one process to the next is set in its
environment. The connection to Temporal comes from the [variables and profiles of Temporal
itself](https://docs.temporal.io/develop/environment-configuration): \`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`,
\`TEMPORAL_API_KEY\`, \`TEMPORAL_TLS_*\`, \`TEMPORAL_PROFILE\`.

This page is written by \`node scripts/docs/write-settings.ts\` from \`config/settings.ts\`.

| variable | value | default | |
| --- | --- | --- | --- |
`;

export const settingsPage = (): GeneratedPage => ({ path: 'docs/settings.md', text: `${INTRODUCTION}${Object.values(SETTINGS).map(line).join('\n')}\n` });

function line(row: (typeof SETTINGS)[keyof typeof SETTINGS]): string {
  const kind = typeof row.kind === 'string' ? row.kind : row.kind.oneOf.map((choice) => `\`${choice}\``).join(' ');
  const fallback = 'default' in row ? `\`${row.default}\`` : '';
  return `| \`${row.env}\` | ${kind} | ${fallback} | ${row.sentence} |`;
}

if (import.meta.main) writePage(settingsPage());
