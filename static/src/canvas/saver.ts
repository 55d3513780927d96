// Autosave: a moment after the last edit, an answer to a form at once, one request at a time; what cannot be sent now is
// sent later.
import { Refused, Stale, Unreachable, type Reply } from "./api";
import type { Card, Graph, Operation } from "./contract";
import { cardOf, difference, type Action, type State } from "./graph";
import { freshKey } from "./rules";

export type Status = "saved" | "saving" | "retrying" | "blocked";

export interface Ends {
  read(): State;
  dispatch(action: Action): void;
  /** `edit`: a name by which the server tells whether it has saved this. */
  save(edit: string, revision: number, operations: Operation[]): Promise<Graph>;
  /** Send the answers of one step's form. */
  send(edit: string, url: string, answers: FormData, revision: number): Promise<Reply>;
  /** The server has had its say about them. */
  answered(url: string, answers: FormData, reply: Reply): void;
  reload(): Promise<Graph>;
  status(status: Status): void;
  notice(kind: "changed" | "refused", detail: string): void;
}

/** An edit that was sent and not replied to; `url`: of the one step that it is about. */
interface Lost { url?: string; saved(graph: Graph): Action }
type Waiting = Card & { answers: FormData };

const PAUSE = 400;
const LONGEST = 15_000;

export class Saver {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turns: Promise<unknown> = Promise.resolve();
  private failures = 0;
  /** By the edit's name; all were made on the revision that is known, so that at most one of them was saved. */
  private readonly lost = new Map<string, Lost>();
  private underway: FormData | undefined;

  constructor(private readonly ends: Ends) {}

  /** To be called after every edit. */
  touched(pause = PAUSE): void {
    if (!this.pending()) return;
    this.ends.status(this.failures ? "retrying" : "saving");
    if (this.failures) this.later(this.backoff());
    else if (pause) this.later(pause);
    else void this.flush();
  }

  pending(): boolean {
    return this.waiting().length > 0 || this.drawn().length > 0 || this.lost.size > 0;
  }

  /** Whether the server has this step as it is drawn, its waiting answers aside. */
  has(url: string): boolean {
    const { base, now } = this.ends.read();
    const [theirs, ours] = [base, now].map((drawing) => drawing.nodes.filter((card) => card.url === url));
    const unsure = [...this.lost.values()].some((one) => (one.url ?? url) === url);
    return !unsure && theirs!.length > 0 && difference({ nodes: theirs!, edges: [] }, { nodes: ours!, edges: [] }).every(({ op }) => op === "move_node");
  }

  /** Whether something goes with the page that is left. What is on its way arrives without the page. */
  atRisk(): boolean {
    const late = this.waiting().some(({ answers }) => this.failures > 0 || answers !== this.underway);
    return late || this.drawn().length > 0 || this.lost.size > 0;
  }

  /** Save now. Resolves to whether the server has everything. */
  flush(): Promise<boolean> {
    clearTimeout(this.timer);
    return this.turn(() => this.sendAll());
  }

  /** The connection is back, or one is signed in again: save now, and where that comes too early, soon again. */
  again(): void {
    this.failures = 0;
    void this.flush();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private waiting(): Waiting[] {
    return this.ends.read().now.nodes.filter((card): card is Waiting => card.answers !== undefined);
  }

  private drawn(): Operation[] {
    const { base, now } = this.ends.read();
    return base === now ? [] : difference(base, now);
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
    for (let round = 0; this.pending() && round < 5; round++) if (!(await this.send())) return false;
    if (this.pending()) return false;
    this.ends.status("saved");
    return true;
  }

  private async send(): Promise<boolean> {
    try {
      if (this.lost.size) await this.catchUp();
      await this.sendDrawing();
      for (let [card] = this.waiting(); card; [card] = this.waiting()) {
        await this.sendAnswers(card);
        await this.sendDrawing();
      }
      this.failures = 0;
      return true;
    } catch (error) {
      if (error instanceof Stale && this.ours(error.graph)) return true;
      await this.failed(error);
      return false;
    }
  }

  /** See first what has become of an edit that was not replied to. */
  private async catchUp(): Promise<void> {
    const graph = await this.ends.reload();
    if (graph.revision !== this.ends.read().revision) throw new Stale(graph);
  }

  /** Whether what is new at the server is an edit of ours: then it is replied to by that. */
  private ours(graph: Graph): boolean {
    const found = this.lost.get(graph.edit);
    if (!found) return false;
    this.lost.clear();
    this.failures = 0;
    this.ends.dispatch(found.saved(graph));
    this.ends.dispatch({ type: "saved", sent: this.ends.read().base, graph });
    return true;
  }

  private async edit<T>(lost: Lost, work: (edit: string) => Promise<T>): Promise<T> {
    const name = freshKey();
    try {
      return await work(name);
    } catch (error) {
      if (!(error instanceof Stale || error instanceof Refused)) this.lost.set(name, lost);
      throw error;
    }
  }

  private async sendDrawing(): Promise<void> {
    const operations = this.drawn();
    // What is lost and was taken back may still arrive: an edit of nothing has it refused by its revision.
    const late = this.lost.size > 0 && !this.waiting().length;
    if (!operations.length && !late) return;
    const { now: sent, revision } = this.ends.read();
    const saved = (graph: Graph): Action => ({ type: "saved", sent, graph });
    const graph = await this.edit({ saved }, (edit) => this.ends.save(edit, revision, operations));
    this.lost.clear();
    this.ends.dispatch(saved(graph));
  }

  private async sendAnswers({ key, url, answers }: Waiting): Promise<void> {
    const { revision } = this.ends.read();
    const saved = (graph: Graph): Action => ({ type: "filled", answers, card: cardOf(graph, key)!, revision: graph.revision });
    this.underway = answers;
    try {
      const reply = await this.edit({ url, saved }, (edit) => this.ends.send(edit, url, answers, revision));
      if (reply.saved) this.lost.clear();
      this.ends.dispatch(reply.saved ? { type: "filled", answers, ...reply.saved } : { type: "unanswered", answers });
      this.ends.answered(url, answers, reply);
    } catch (error) {
      if (error instanceof Refused) this.ends.dispatch({ type: "unanswered", answers });
      throw error;
    } finally {
      this.underway = undefined;
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof Stale) {
      this.failures = 0;
      this.lost.clear();
      this.ends.dispatch({ type: "reloaded", graph: error.graph });
      this.ends.notice("changed", "");
      this.ends.status(this.pending() ? "saving" : "saved");
    } else if (error instanceof Refused) {
      this.failures = 0;
      this.ends.notice("refused", error.message);
      await this.startAgain();
    } else {
      if (!(error instanceof Unreachable)) console.error(error);
      this.failures += 1;
      this.ends.status("retrying");
      this.later(this.backoff());
    }
  }

  /** From what the server has; answers to other forms still wait for their turn. */
  private async startAgain(): Promise<void> {
    try {
      const graph = await this.ends.reload();
      const waiting = this.waiting();
      if (waiting.length && graph.revision !== this.ends.read().revision) return await this.failed(new Stale(graph));
      this.lost.clear();
      this.ends.dispatch({ type: "reloaded", graph });
      for (const { url, answers } of waiting) this.ends.dispatch({ type: "answered", url, answers });
      this.ends.status(this.pending() ? "saving" : "saved");
      if (this.pending()) this.later(PAUSE);
    } catch {
      this.ends.status("blocked");
    }
  }
}
