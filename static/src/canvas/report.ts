// Which numbers a card shows: chosen by its category and by what has happened, never by its kind.
import type { Card, Counts, CountsAnswer, Kind, Line } from "./contract";
import { grouped, percent, relative, t } from "./words";

export interface Cell { value: string; label: string; query: string; tone?: "red" }

export function cells(kind: Kind | undefined, card: Pick<Card, "key" | "untracked">, counts: Counts | undefined, inside: number, untracked: readonly string[] = []): Cell[] {
  if (!counts) return [];
  const step = `node=${encodeURIComponent(card.key)}`;
  const list = normal(kind, [...card.untracked, ...untracked], counts, inside, step);
  // Of those who came here, so many reached the journey's goal. More than four numbers fit no card.
  if (counts.goal && counts.entered && list.length < 4) list.push({ value: percent(counts.goal / counts.entered), label: t("goal"), query: `${step}&passed=1&state=converted` });
  // People past their time can stand at any card, and there should be none.
  if (counts.overdue) list.push({ value: grouped(counts.overdue), label: t("overdue"), query: `${step}&state=active`, tone: "red" });
  return list;
}

function normal(kind: Kind | undefined, untracked: readonly string[], counts: Counts, inside: number, step: string): Cell[] {
  const here = (label: string): Cell => ({ value: grouped(counts.inside), label, query: `${step}&state=active` });
  const entered = (label: string): Cell => ({ value: grouped(counts.entered), label, query: `${step}&passed=1` });
  switch (kind?.category) {
    case "entry":
      return [entered(t("entered")), { value: grouped(inside), label: t("inside"), query: "state=active" }];
    case "message":
      return messages(counts, step, untracked);
    case "time":
      return [here(t("waiting")), ...next(counts, step)];
    case "branch":
      return [
        { value: grouped(counts.left), label: t("decided"), query: `${step}&passed=1` },
        here(t("waiting")),
        ...(counts.late ? [{ value: grouped(counts.late), label: t("too late"), query: `${step}&message=late` }] : []),
      ];
    case "end":
      return [entered(t("arrived"))];
    default:
      return [entered(t("passed")), here(t("here now"))];
  }
}

function messages(counts: Counts, step: string, untracked: readonly string[]): Cell[] {
  const told = (what: string): boolean => !untracked.includes(what);
  const share = (part: number): string => (counts.sent ? percent(part / counts.sent) : "–");
  const list: Cell[] = [{ value: grouped(counts.sent), label: t("sent"), query: `${step}&message=sent` }];
  const opened = { value: share(counts.opened), label: t("opened"), query: `${step}&message=opened` };
  const clicked = { value: share(counts.clicked), label: t("clicked"), query: `${step}&message=clicked` };
  // Where nobody can tell who opened, that it arrived is the best there is to know.
  if (told("opened")) list.push(opened);
  else if (told("delivered")) list.push({ value: share(counts.delivered), label: t("delivered"), query: `${step}&message=delivered` });
  // Machines open too: where they did, what people did stands beside it.
  if (counts.human_opened < counts.opened) list.push({ value: share(counts.human_opened), label: t("by people"), query: `${step}&message=human_opened` });
  if (told("clicked")) list.push(clicked);
  if (told("replied")) list.push({ value: share(counts.replied), label: t("replied"), query: `${step}&message=replied` });
  if (counts.skipped) list.push({ value: grouped(counts.skipped), label: t("skipped"), query: `${step}&message=skipped` });
  return list;
}

function next(counts: Counts, step: string): Cell[] {
  const query = `${step}&state=active`;
  if (counts.overdue) return [];
  if (counts.next_in_seconds === null) return [{ value: grouped(counts.left), label: t("went on"), query: `${step}&passed=1` }];
  return [{ value: relative(counts.next_in_seconds), label: t("next leave"), query }];
}

export interface Flow { count: number; share: number | undefined; width: number }

/** How many took each line: count, share of those who left the card, thickness. */
export function flows(edges: readonly Line[], answer: CountsAnswer): Map<string, Flow> {
  const counted = edges.map((edge) => {
    const counts = answer.nodes[edge.source];
    const count = counts?.ports[edge.port] ?? 0;
    const whole = Object.values(counts?.ports ?? {}).reduce((sum, each) => sum + each, 0);
    const split = Object.keys(counts?.ports ?? {}).length > 1 || edges.filter((other) => other.source === edge.source).length > 1;
    return { at: lineId(edge), count, share: split && whole ? count / whole : undefined };
  });
  const most = Math.max(1, ...counted.map(({ count }) => count));
  return new Map(counted.map(({ at, count, share }) => [at, { count, share, width: 1.5 + 7 * (count / most) }]));
}

export function lineId(line: { source: string; port: string }): string {
  return `${line.source}:${line.port}`;
}
