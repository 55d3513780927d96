// Words and numbers on screen: translated by Django's catalogue where the page brings one.
declare global {
  interface Window {
    gettext?: (text: string) => string;
  }
}

/** The translation of `text`, with {names} filled in. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  const translated = window.gettext?.(text) ?? text;
  return translated.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const locale = (): string => document.documentElement.lang || "en";

export function grouped(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** 0.443 → "44 %"; small shares keep one digit. */
export function percent(share: number): string {
  const digits = share > 0 && share < 0.0995 ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: digits }).format(share);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** "2 seconds ago", "in 14 minutes". */
export function relative(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
