// Small elements that would otherwise need inline styles or a reload: `<meter-bar>` and `<time-ago>`.

/** `<meter-bar value="44" max="100" label="Opened">`: a bar whose width follows its numbers. */
export class MeterBar extends HTMLElement {
  static observedAttributes = ["value", "max"];

  connectedCallback(): void {
    this.setAttribute("role", "meter");
    if (this.getAttribute("label")) this.setAttribute("aria-label", this.getAttribute("label") ?? "");
    this.draw();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.draw();
  }

  private draw(): void {
    const max = Number(this.getAttribute("max") ?? 100) || 0;
    const value = Math.min(Math.max(Number(this.getAttribute("value") ?? 0) || 0, 0), max);
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuemax", String(max));
    this.setAttribute("aria-valuenow", String(value));
    const fill = this.firstElementChild ?? this.appendChild(document.createElement("span"));
    (fill as HTMLElement).style.width = `${max > 0 ? (100 * value) / max : 0}%`;
  }
}

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 days"; under 45 seconds "now". */
export function relative(seconds: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (Math.abs(seconds) < 45) return words.format(0, "second");
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size * 0.95) ?? ["minute", 60];
  return words.format(Math.round(seconds / size), unit);
}

/** `<time-ago datetime="2025-01-01T12:00:00Z">`: stays true while the page is open, on the product's clock. */
export class TimeAgo extends HTMLElement {
  private timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.draw();
    this.timer = setInterval(() => this.draw(), 20_000);
  }

  disconnectedCallback(): void {
    clearInterval(this.timer);
  }

  private draw(): void {
    const at = Date.parse(this.getAttribute("datetime") ?? "");
    if (Number.isNaN(at)) return;
    const ahead = Number(document.documentElement.dataset.clockOffset ?? 0) * 1000;
    this.textContent = relative((at - Date.now() - ahead) / 1000, document.documentElement.lang || "en");
  }
}

customElements.define("meter-bar", MeterBar);
customElements.define("time-ago", TimeAgo);
