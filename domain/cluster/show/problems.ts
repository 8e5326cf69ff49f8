/** The list of problems under `cluster show` (R49): every rule is looked at, worst first. */
import type { Finding } from '../finding.ts';
import { SEVERITIES } from '../../preflight/rule.ts';
import { lintArchiving } from '../settings/archiving.ts';
import { lintParity } from '../settings/parity.ts';
import { lintSynchronous } from '../synchronous/lints.ts';
import { lintDeclarations } from './declaration-problems.ts';
import { lintNodes } from './node-problems.ts';
import type { ClusterPicture } from './picture.ts';
import { lintReplication } from './replication-problems.ts';

export function problemsOf(picture: ClusterPicture): readonly Finding[] {
  const found = [lintNodes, lintReplication, lintSynchronous, lintParity, lintArchiving, lintDeclarations].flatMap((lint) => lint(picture));
  return found.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity));
}
