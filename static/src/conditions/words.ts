// Words and numbers on screen: translated by Django's catalogue where the page brings one.
export function t(text: string, values: Record<string, string | number> = {}): string {
  const known = (window as { gettext?: (text: string) => string }).gettext?.(text) ?? text;
  return known.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const language = (): string => document.documentElement.lang || "en";

export const grouped = (value: number): string => new Intl.NumberFormat(language(), { maximumFractionDigits: 10 }).format(value);

export const people = (n: number): string => (n === 1 ? t("1 person") : t("{n} people", { n: grouped(n) }));

/** "first_name" → "first name": names as people say them. */
export const spoken = (name: string): string => name.replace(/_/g, " ");

/** "2026-03-01" → "1 Mar 2026". */
export function day(iso: unknown): string {
  if (typeof iso !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(iso)) return "…";
  const format = new Intl.DateTimeFormat(language(), { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return format.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)) + (iso.length > 10 ? ` ${iso.slice(11, 16)}` : "");
}

/** A value as it is read: numbers grouped, days as days, yes and no. */
export function valueWords(value: unknown): string {
  if (typeof value === "number") return grouped(value);
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? day(value) : String(value ?? "");
}
