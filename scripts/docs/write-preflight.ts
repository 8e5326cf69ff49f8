import { SUBJECTS, type Rule, type Subject } from '../../domain/preflight/rule.ts';
import { RULES } from '../../domain/preflight/rules.ts';
import { writePage, type GeneratedPage } from './generated-page.ts';

const HEAD = `# What preflight looks at

\`pgconvoy check <migration>\` asks both servers and judges by these rules. It changes nothing: the trial slot is temporary and
dropped at once, what is tried on the target is rolled back. Each rule ends as *ok*, *problem* with a remedy, or *could not
look* with the reason; an answer that is missing is never taken for a good one. A **blocking** problem stops the migration
(exit status 4), a **warning** should be read before starting, **information** is good to know. F-numbers are the failure modes
that a rule answers.

This page is written by \`node scripts/docs/write-preflight.ts\` from \`domain/preflight/rules.ts\`.`;

const TITLES: Readonly<Record<Subject, string>> = {
  'source-server': 'The source',
  'source-objects': 'What is in the source',
  'target-server': 'The target',
  'target-objects': 'What is in the target',
  path: 'The ways between',
};

const section = (subject: Subject): string =>
  [`## ${TITLES[subject]}`, '', '| rule | what is in order | a problem is | mode | answers |', '| --- | --- | --- | --- | --- |', ...RULES[subject].map(line)].join('\n');

const line = ({ id, title, severity, modes, answers }: Rule): string =>
  `| \`${id}\` | ${title} | ${severity === 'blocking' ? '**blocking**' : severity} | ${modes.length === 2 ? 'both' : modes[0]} | ${answers.join(', ') || '–'} |`;

export const preflightPage = (): GeneratedPage => ({ path: 'docs/preflight.md', text: `${[HEAD, ...SUBJECTS.map(section)].join('\n\n')}\n` });

if (import.meta.main) writePage(preflightPage());
