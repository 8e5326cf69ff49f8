/** Problems of what is declared, whether or not anything runs. */
import { counted } from '../../preflight/fact.ts';
import type { Finding } from '../finding.ts';
import { isData, type NodeDeclaration } from '../node.ts';
import type { ClusterPicture } from './picture.ts';

export function lintDeclarations(picture: ClusterPicture): readonly Finding[] {
  const declared = picture.nodes.map(({ declaration }) => declaration);
  return [...coHostedWitnesses(declared), ...doubleNames(declared), ...delayedCandidates(declared), ...noCandidate(declared), ...tooFewVantagePoints(declared, picture)];
}

const coHostedWitnesses = (declared: readonly NodeDeclaration[]): Finding[] =>
  declared
    .filter((node) => node.role === 'witness' && declared.some((other) => isData(other) && other.machine === node.machine))
    .map(({ name, machine }) => ({ rule: 'witness-on-data-machine', by: ['HA10'], severity: 'blocking', node: name, reason: `The witness runs on ${machine}, as a node with data does, and is lost with it.`, remedy: 'Register the witness on a machine of its own.' }));

function doubleNames(declared: readonly NodeDeclaration[]): Finding[] {
  const groups = Map.groupBy(declared.filter(isData), ({ applicationName }) => applicationName.toLowerCase());
  return [...groups].filter(([, nodes]) => nodes.length > 1).map(([name, nodes]) => ({
    rule: 'double-application-name', by: ['R73', 'B1'], severity: 'blocking', node: null,
    reason: `${nodes.map((node) => node.name).join(' and ')} have the application_name ${name}; synchronous_standby_names cannot tell them apart.`, remedy: 'Give each node an application_name of its own and run `pgconvoy cluster register` again.',
  }));
}

const delayedCandidates = (declared: readonly NodeDeclaration[]): Finding[] =>
  declared.filter(({ applyDelayMs, priority }) => applyDelayMs > 0 && priority > 0).map(({ name, priority }) => ({
    rule: 'delayed-candidate', by: ['HA28'], severity: 'warning', node: name, reason: `It applies with a delay and has priority ${priority}; a promotion would apply everything at once.`, remedy: 'Give it priority 0.',
  }));

function noCandidate(declared: readonly NodeDeclaration[]): Finding[] {
  const able = declared.filter(({ role, priority, applyDelayMs }) => role === 'standby' && priority > 0 && applyDelayMs === 0);
  if (able.length > 0) return [];
  return [{ rule: 'no-candidate', by: ['HA62'], severity: 'warning', node: null, reason: 'No standby may be promoted: each has priority 0 or a delay, or there is none.', remedy: 'Give a standby a priority above 0, or clone one.' }];
}

/** HA9: two that are on other machines than the primary, or nobody can tell a dead primary from a cut cable. */
function tooFewVantagePoints(declared: readonly NodeDeclaration[], { outsideMachines, automaticFailover }: ClusterPicture): Finding[] {
  const primary = declared.find(({ role }) => role === 'primary');
  const apart = new Set([...declared.map(({ machine }) => machine), ...outsideMachines].filter((machine) => machine !== primary?.machine)).size;
  if (!automaticFailover || apart >= 2) return [];
  return [{ rule: 'too-few-vantage-points', by: ['HA9', 'G1'], severity: 'warning', node: null, reason: `Only ${counted(apart, 'machine')} other than the primary's can watch it; the watcher needs two and will only alert.`, remedy: 'Register a witness on a third machine, or run a control worker there.' }];
}
