// Undo and redo without an end within the session.
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
}

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [] });

export const record = <T>(history: History<T>, next: T): History<T> =>
  next === history.now ? history : { past: [...history.past, history.now], now: next, future: [] };

export function undo<T>({ past, now, future }: History<T>): History<T> {
  return past.length ? { past: past.slice(0, -1), now: past.at(-1)!, future: [now, ...future] } : { past, now, future };
}

export function redo<T>({ past, now, future }: History<T>): History<T> {
  return future.length ? { past: [...past, now], now: future[0]!, future: future.slice(1) } : { past, now, future };
}
