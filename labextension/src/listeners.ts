/** Whom to tell when something changes for every view of the page: its language, its units. */

const listeners = new Set<() => void>();

/** Call `listener` at each change; returns how to stop that. */
export function listen(listener: () => void): () => void {
  // One that is given twice is told twice, and stops once at a time.
  const own = (): void => listener();
  listeners.add(own);
  return () => void listeners.delete(own);
}

/** Something has changed. Those who stop listening meanwhile are told no more. */
export function tell(): void {
  listeners.forEach((listener) => listener());
}
