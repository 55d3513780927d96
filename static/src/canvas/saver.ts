// Autosave: a moment after the last edit, one request at a time; what cannot be sent now is sent later.
import { Refused, Stale, Unreachable } from "./api";
import type { Graph, Operation } from "./contract";
import { difference, type Action, type State } from "./graph";

export type Status = "saved" | "saving" | "retrying" | "blocked";

export interface Ends {
  read(): State;
  dispatch(action: Action): void;
  save(revision: number, operations: Operation[]): Promise<Graph>;
  reload(): Promise<Graph>;
  status(status: Status): void;
  notice(kind: "changed" | "refused" | "signed-out", detail: string): void;
}

const PAUSE = 400;
const LONGEST = 15_000;

export class Saver {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turns: Promise<unknown> = Promise.resolve();
  private failures = 0;

  constructor(private readonly ends: Ends) {}

  /** To be called after every edit. */
  touched(): void {
    if (!this.pending()) return;
    this.ends.status(this.failures ? "retrying" : "saving");
    this.later(this.failures ? this.backoff() : PAUSE);
  }

  pending(): boolean {
    const { base, now } = this.ends.read();
    return base !== now && difference(base, now).length > 0;
  }

  /** Save now. Resolves to whether the server has everything. */
  flush(): Promise<boolean> {
    clearTimeout(this.timer);
    return this.turn(() => this.sendAll());
  }

  /** Save now, then leave the revision to another writer until it calls the answer. */
  lend(): Promise<() => void> {
    clearTimeout(this.timer);
    return new Promise((lent) => void this.turn(async () => {
      await this.sendAll();
      await new Promise<void>((giveBack) => lent(giveBack));
    }));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), after);
  }

  private backoff(): number {
    return Math.min(LONGEST, 1000 * 2 ** (this.failures - 1));
  }

  /** Writers take turns: each edit is made on the revision that the one before has left. */
  private turn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turns.then(work);
    this.turns = mine.catch(() => undefined);
    return mine;
  }

  private async sendAll(): Promise<boolean> {
    // What is drawn while a request is on its way goes with the next one.
    for (let round = 0; this.pending() && round < 5; round++) if (!(await this.send())) break;
    return !this.pending();
  }

  private async send(): Promise<boolean> {
    const { base, now, revision } = this.ends.read();
    try {
      const graph = await this.ends.save(revision, difference(base, now));
      this.failures = 0;
      this.ends.dispatch({ type: "saved", sent: now, graph });
      this.ends.status("saved");
      return true;
    } catch (error) {
      await this.failed(error);
      return false;
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof Stale) {
      this.failures = 0;
      this.ends.dispatch({ type: "reloaded", graph: error.graph });
      this.ends.notice("changed", "");
      this.ends.status("saved");
    } else if (error instanceof Refused && error.message === "signed-out") {
      this.ends.status("blocked");
      this.ends.notice("signed-out", "");
    } else if (error instanceof Refused) {
      this.failures = 0;
      this.ends.notice("refused", error.message);
      try {
        this.ends.dispatch({ type: "reloaded", graph: await this.ends.reload() });
        this.ends.status("saved");
      } catch {
        this.ends.status("blocked");
      }
    } else {
      if (!(error instanceof Unreachable)) console.error(error);
      this.failures += 1;
      this.ends.status("retrying");
      this.later(this.backoff());
    }
  }
}
