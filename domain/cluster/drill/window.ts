/** Whether a moment lies in a window of the day, which may go over midnight. Times as `HH:MM` in the window's own time zone. */
export interface DrillWindow {
  readonly from: string;
  readonly to: string;
}

export function isInWindow({ from, to }: DrillWindow, timeOfDay: string): boolean {
  if (from <= to) return timeOfDay >= from && timeOfDay < to;
  return timeOfDay >= from || timeOfDay < to;
}
