/** Options by the major they came with; those that are not here every supported major knows. */
const SINCE: Readonly<Record<string, number>> = { binary: 14, streaming: 14, two_phase: 15, disable_on_error: 15, password_required: 16, run_as_owner: 16, origin: 16, failover: 17, retain_dead_tuples: 19, max_retention_duration: 19 };

/**
 * The statement that creates a subscription, without options that the server does not know: a newer pg_dump writes them all,
 * also for an older server. It never connects and is disabled, as pg_dump has it.
 */
export function subscriptionFor(definition: string, major: number): string {
  return definition.replace(/ WITH \(([^()]*)\);\s*$/, (_, options: string) => {
    const known = options.split(', ').filter((option) => (SINCE[option.split(' ')[0] ?? ''] ?? 0) <= major);
    return ` WITH (${known.join(', ')});\n`;
  });
}
