// The stretch of time that a question about events looks at: its shapes, what is missing, how it reads.
import { isRaw, type Json } from "./json";
import { day, t } from "./words";

export type Shape = "ever" | "last" | "ago" | "before" | "after" | "dates" | "since";
export const SHAPES: Shape[] = ["ever", "last", "ago", "before", "after", "dates", "since"];

export function shapeOf(window: Json | undefined): Shape {
  if (!isRaw(window)) return "ever";
  if ("since" in window) return "since";
  if ("before" in window) return "before";
  if ("after" in window) return "after";
  if ("from" in window || "to" in window) return isRaw(window.from) ? "ago" : "dates";
  return "last";
}

export function fresh(shape: Shape, today: string): Json {
  switch (shape) {
    case "ever":
      return null;
    case "last":
      return { amount: 30, unit: "days" };
    case "ago":
      return { from: { amount: 60, unit: "days" }, to: { amount: 30, unit: "days" } };
    case "dates":
      return { from: today, to: today };
    case "since":
      return { since: "", pick: "last" };
    default:
      return { [shape]: today };
  }
}

export const shapeLabel = (shape: Shape): string =>
  ({
    ever: t("at any time"), last: t("in the last …"), ago: t("between … and … ago"), before: t("before a day"), after: t("on or after a day"),
    dates: t("from a day to a day"), since: t("after another event"),
  })[shape];

const AMOUNTS: Record<string, [string, string]> = {
  minutes: ["{n} minute", "{n} minutes"], hours: ["{n} hour", "{n} hours"], days: ["{n} day", "{n} days"], weeks: ["{n} week", "{n} weeks"],
};

export function periodWords(period: Json | undefined): string {
  if (!isRaw(period)) return "…";
  const n = Number(period.amount);
  const [one, many] = AMOUNTS[String(period.unit)] ?? ["{n}", "{n}"];
  return t(n === 1 ? one : many, { n });
}

export function windowWords(window: Json | undefined): string {
  const raw = isRaw(window) ? window : {};
  switch (shapeOf(window)) {
    case "ever":
      return t("at any time");
    case "last":
      return t("in the last {period}", { period: periodWords(raw) });
    case "ago":
      return t("between {from} and {to} ago", { from: periodWords(raw.from), to: periodWords(raw.to) });
    case "before":
      return t("before {day}", { day: day(raw.before) });
    case "after":
      return t("on or after {day}", { day: day(raw.after) });
    case "dates":
      return t("from {from} to {to}", { from: day(raw.from), to: day(raw.to) });
    case "since": {
      const name = String(raw.since || "…");
      return raw.pick === "first" ? t("after the first “{name}”", { name }) : t("after the last “{name}”", { name });
    }
  }
}

const DAYS: Record<string, number> = { minutes: 1 / 1440, hours: 1 / 24, days: 1, weeks: 7 };
const length = (period: Json | undefined): number => (isRaw(period) ? Number(period.amount) * (DAYS[String(period.unit)] ?? NaN) : NaN);

export function windowProblem(window: Json | undefined): string | null {
  const raw = isRaw(window) ? window : {};
  switch (shapeOf(window)) {
    case "last":
      return length(raw) > 0 ? null : t("Say how long.");
    case "ago":
      return length(raw.from) > length(raw.to) ? null : t("The longer time comes first: between 60 and 30 days ago.");
    case "before":
    case "after":
      return raw.before || raw.after ? null : t("Choose a day.");
    case "dates":
      if (!raw.from || !raw.to) return t("Choose two days.");
      return String(raw.from) <= String(raw.to) ? null : t("The first day is after the last one.");
    case "since":
      return raw.since ? null : t("Choose what they did before.");
    default:
      return null;
  }
}
