import type { AbortLimits, DrillKind, DrillPlan, Hypothesis } from '../domain/cluster/drill/plan.ts';
import { parseDuration } from '../domain/durations.ts';
import { OperationError } from '../domain/errors.ts';
import { parseSize } from '../domain/sizes.ts';
import { abortLimitsSchema, type DrillEntry, hypothesisSchema } from './drill-schema.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory } from './inventory-schema.ts';

/** What an order says of a drill; the rest is the inventory's, or the default. */
export interface DrillWish {
  readonly name?: string | undefined;
  readonly kind?: DrillKind | undefined;
  readonly hypothesis?: Partial<Hypothesis> | undefined;
  readonly abortLimits?: Partial<AbortLimits> | undefined;
  readonly baselineSeconds?: number | undefined;
  readonly failBack?: boolean | undefined;
}

export interface ResolvedDrill {
  readonly plan: DrillPlan;
  readonly failBack: boolean;
  readonly window: DrillEntry['window'] | null;
  /** Of the inventory; null: only of who orders it. */
  readonly consentBy: string | null;
  readonly coolDownMs: number;
  readonly freezeMs: number;
  readonly largestFillBytes: number;
  readonly backup: { readonly policy: string; readonly maxAgeMs: number } | 'waived' | null;
  readonly partition: { readonly command: readonly string[]; readonly timeoutMs: number } | null;
}

/** A drill by its name in the inventory, by its kind alone, or both. Throws `name_unknown`, `input_invalid`. */
export function resolveDrill(inventory: Inventory, cluster: string, wish: DrillWish): ResolvedDrill {
  const { drills, drilling, watch } = entryNamed('cluster', inventory.clusters, cluster);
  const declared = wish.name === undefined ? undefined : entryNamed('drill', drills, wish.name);
  const kind = wish.kind ?? declared?.kind;
  if (kind === undefined) throw new OperationError('input_invalid', 'the drill has neither a name of the inventory nor a kind');
  const hypothesis = declared?.hypothesis ?? hypothesisSchema.parse({});
  const abort = declared?.abort ?? abortLimitsSchema.parse({});
  const wanted = {
    hypothesis: { maxWriteGapMs: ms(hypothesis.maxWriteGap), maxReadGapMs: ms(hypothesis.maxReadGap), maxLostWrites: hypothesis.maxLostWrites, maxClientErrors: hypothesis.maxClientErrors ?? null, redundantWithinMs: ms(hypothesis.redundantWithin) },
    abortLimits: { writeGapMs: ms(abort.writeGap), clientErrors: abort.clientErrors },
  };
  return {
    plan: {
      kind,
      hypothesis: { ...wanted.hypothesis, ...known(wish.hypothesis) },
      abortLimits: { ...wanted.abortLimits, ...known(wish.abortLimits) },
      baselineMs: wish.baselineSeconds === undefined ? ms(declared?.baseline ?? '30s') : wish.baselineSeconds * 1000,
    },
    failBack: wish.failBack ?? declared?.failBack ?? false,
    window: declared?.window ?? null,
    consentBy: declared?.consentBy ?? null,
    coolDownMs: ms(watch.coolDown),
    freezeMs: ms(drilling.freeze),
    largestFillBytes: parseSize(drilling.largestFill)!,
    backup: drilling.backup === undefined ? null : drilling.backup === 'waived' ? 'waived' : { policy: drilling.backup, maxAgeMs: ms(drilling.backupMaxAge) },
    partition: drilling.partition === undefined ? null : { command: drilling.partition.command, timeoutMs: ms(drilling.partition.timeout) },
  };
}

/** The schema has let only readable durations through. */
const ms = (text: string): number => parseDuration(text)!;

/** What is not said says nothing. */
const known = <T extends object>(fields: T | undefined): Partial<T> => Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
