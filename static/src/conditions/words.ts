// Words and numbers on screen: translated by Django's catalogue where the page brings one.
export function t(text: string, values: Record<string, string | number> = {}): string {
  const known = (window as { gettext?: (text: string) => string }).gettext?.(text) ?? text;
  return known.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function grouped(value: number): string {
  return new Intl.NumberFormat(document.documentElement.lang || "en").format(value);
}

/** "first_name" → "first name": names as people say them. */
export function spoken(name: string): string {
  return name.replace(/_/g, " ");
}
