import { DEATHS, type Classification } from './classify.ts';

/** From this time on everybody who can answer a first question has had the time to. */
const SETTLED_MS = 2500;
/** From this time on an agent that can fence has had the time to. */
const OWN_FENCE_MS = 400;

/** Whether what was seen since `ageMs` may count as the last word: alive at once when everybody sees it, else when it stays so. */
export const settled = ({ classification, ageMs }: { readonly classification: Classification; readonly ageMs: number }): { readonly alive: boolean; readonly dead: boolean } => {
  const dead = DEATHS.includes(classification.class);
  return { alive: classification.class === 'serving' || (!dead && ageMs >= SETTLED_MS), dead: dead && ageMs >= OWN_FENCE_MS };
};
