import { defaultPayloadConverter, type Payload } from '@temporalio/common';

/** What a step under way said last: what it does, and numbers. */
export type StepBeat = Readonly<Record<string, string | number | null>>;

/** A step that failed and is tried again, or will be in a moment. */
export interface StepRetry {
  /** As Temporal's page calls it: `dumpDatabase`. */
  readonly step: string;
  /** Of the attempt that is under way, or comes next; at least 2. */
  readonly attempt: number;
  /** Why the attempt before it failed, in one line. */
  readonly reason: string;
}

/** Of what Temporal says of an activity that has not ended, as far as it is of use here. */
interface PendingActivity {
  readonly activityType?: { readonly name?: string | null } | null;
  readonly attempt?: number | null;
  readonly heartbeatDetails?: { readonly payloads?: Payload[] | null } | null;
  readonly lastFailure?: {
    readonly message?: string | null;
    readonly applicationFailureInfo?: { readonly details?: { readonly payloads?: Payload[] | null } | null } | null;
    readonly timeoutFailureInfo?: object | null;
  } | null;
}

/** What the first step that has said something does. */
export function beatOf(pending: readonly PendingActivity[]): StepBeat | undefined {
  const [payload] = pending.find(({ heartbeatDetails }) => heartbeatDetails !== null && heartbeatDetails !== undefined)?.heartbeatDetails?.payloads ?? [];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
}

/** The first step that is tried again. */
export function retryOf(pending: readonly PendingActivity[]): StepRetry | undefined {
  const failed = pending.find(({ attempt, lastFailure }) => (attempt ?? 1) > 1 && lastFailure !== null && lastFailure !== undefined);
  if (failed === undefined) return undefined;
  return { step: failed.activityType?.name ?? 'a step', attempt: failed.attempt ?? 2, reason: reasonOf(failed.lastFailure!) };
}

function reasonOf({ message, applicationFailureInfo, timeoutFailureInfo }: NonNullable<PendingActivity['lastFailure']>): string {
  if (timeoutFailureInfo !== null && timeoutFailureInfo !== undefined) return 'its worker gave no sign of life any more';
  const [payload] = applicationFailureInfo?.details?.payloads ?? [];
  const report: { readonly detail?: unknown } | null | undefined = payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
  const detail = typeof report?.detail === 'string' ? report.detail.split('\n')[0] : undefined;
  return [message, detail].filter(Boolean).join(': ');
}
