import { pathRules } from './rules/path.ts';
import { poolerRules } from './rules/pooler.ts';
import type { Rule, Subject } from './rule.ts';
import { sourceCatalogRules } from './rules/source-catalog.ts';
import { sourceIdentityRules } from './rules/source-identity.ts';
import { sourceObjectRules } from './rules/source-objects.ts';
import { sourceReplicationRules } from './rules/source-replication.ts';
import { sourceRightsRules } from './rules/source-rights.ts';
import { sourceServerRules } from './rules/source-server.ts';
import { targetObjectRules } from './rules/target-objects.ts';
import { targetRightsRules } from './rules/target-rights.ts';
import { mappedRoleRules, targetRoleRules } from './rules/target-roles.ts';
import { targetServerRules } from './rules/target-server.ts';

/** Every rule by subject, in the order in which they are reported. */
export const RULES: Readonly<Record<Subject, readonly Rule[]>> = {
  'source-server': [...sourceServerRules, ...sourceReplicationRules, ...sourceRightsRules],
  'source-objects': [...sourceIdentityRules, ...sourceObjectRules, ...sourceCatalogRules],
  'target-server': [...targetServerRules, ...targetRightsRules],
  'target-objects': [...targetObjectRules, ...targetRoleRules, ...mappedRoleRules],
  path: [...pathRules, ...poolerRules],
};
