import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { resolveManagement } from '../../config/resolve-management.ts';
import { resolveStore } from '../../config/resolve-store.ts';
import { retentionOf } from '../../config/retention-policy.ts';
import { parseCron } from '../../domain/backup/cron.ts';
import { judgePolicy, type PolicyRuleReport } from '../../domain/backup/policy-rules.ts';
import { skippedTimes } from '../../domain/backup/skipped-times.ts';
import { parseDuration } from '../../domain/durations.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { readLifecycle } from '../../providers/azure/lifecycle.ts';
import { readKeepingFacts } from '../../storage/keeping-facts.ts';
import { globalOptions, printResult, styled } from '../output.ts';
import { wrapText } from '../wrap-text.ts';

const AHEAD_DAYS = 366;
const DEFAULT_WIDTH = 100;

/** `pgconvoy backup check <policy>`: what in the store or in the policy contradicts what the policy promises. */
export function registerCheck(backup: Command): void {
  backup
    .command('check')
    .description('Looks for what contradicts a policy: locks, archive tiers, lifecycle rules and versions of its store, clock changes, proofs and keys that are missing. Changes nothing; exit status 4 when something blocks.')
    .argument('<policy>', 'its name in the inventory')
    .action(check);
}

async function check(policy: string, _options: object, command: Command): Promise<void> {
  const path = findInventory(globalOptions(command).inventory);
  const inventory = loadInventory(path);
  const entry = entryNamed('backup policy', inventory.backups, policy);
  const { schedule, proof, encryption, objectives } = entry;
  const account = resolveManagement(inventory, entry.store, baseDirOf(path));
  const [store, lifecycle] = await Promise.all([readKeepingFacts(resolveStore(inventory, entry.store, baseDirOf(path))), account && readLifecycle(account)]);
  const rules = judgePolicy({
    store,
    management: account && lifecycle && { resourceGroup: account.resourceGroup, lifecycle },
    retention: retentionOf(entry),
    proves: proof.after === 'every',
    sealed: encryption !== undefined,
    rtoMs: objectives.rto === undefined ? null : parseDuration(objectives.rto)!,
    skipped: schedule === undefined ? null : skippedTimes(parseCron(schedule.cron)!, { timeZone: schedule.timeZone, from: new Date().toISOString(), days: AHEAD_DAYS }),
  });
  const blocking = rules.filter(({ state, severity }) => state === 'problem' && severity === 'blocking').length;
  printResult(command, { policy, rules, blocking, canProceed: blocking === 0 }, () => checkText(rules, process.stdout.columns ?? DEFAULT_WIDTH));
  if (blocking > 0) process.exitCode = exitCodeOf('preflight_failed');
}

function checkText(rules: readonly PolicyRuleReport[], width: number): string {
  const idWidth = Math.max(...rules.map(({ id }) => id.length));
  const indent = ' '.repeat(idWidth + 4);
  return rules.map((rule) => {
    const lines = [...wrapText(rule.evidence, Math.max(width - indent.length, 30)), ...(rule.remedy === undefined ? [] : wrapText(`→ ${rule.remedy}`, Math.max(width - indent.length, 30)))];
    return [`${mark(rule)} ${rule.id.padEnd(idWidth)}  ${lines[0]}`, ...lines.slice(1).map((line) => `${indent}${line}`)].join('\n');
  }).join('\n');
}

/** As in `pgconvoy check`: ✗ blocks, ! should be read, i is good to know, ? could not be looked at. */
function mark({ state, severity }: PolicyRuleReport): string {
  if (state === 'ok') return styled('green', '✓');
  if (state === 'could-not-look') return styled('magenta', '?');
  return { blocking: styled('red', '✗'), warning: styled('yellow', '!'), information: styled('blue', 'i') }[severity];
}
