// <condition-editor>: draws itself wherever it is put into a page (htmx too) and keeps a form input in step.
//   name, value (JSON), mode "condition" | "where" | "attribute-only", schema-url, count-url,
//   event or event-field (a form field's name or a selector: the event whose properties are offered), readonly.
// Fires bubbling "input" and "change" when the condition changes.
import "./conditions.css";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { ConditionEditor, WhereEditor } from "./Editor";

type EventSource = HTMLInputElement | HTMLSelectElement;

export class ConditionElement extends HTMLElement {
  private root: Root | null = null;
  private input: HTMLInputElement | null = null;
  private source: EventSource | null = null;

  connectedCallback(): void {
    if (this.root) return;
    this.input = document.createElement("input");
    this.input.type = "hidden";
    this.input.name = this.getAttribute("name") ?? "";
    this.input.value = this.getAttribute("value") ?? "";
    const place = document.createElement("div");
    this.replaceChildren(this.input, place);
    this.root = createRoot(place);
    this.source = this.eventSource();
    this.source?.addEventListener("change", this.draw);
    this.source?.addEventListener("input", this.draw);
    for (const kind of ["input", "change"]) this.addEventListener(kind, this.keepInside);
    flushSync(this.draw); // so that the focus can be put into it at once
  }

  disconnectedCallback(): void {
    this.source?.removeEventListener("change", this.draw);
    this.source?.removeEventListener("input", this.draw);
    const root = this.root;
    this.root = null;
    // Not in the middle of React's own work.
    queueMicrotask(() => root?.unmount());
  }

  get value(): string {
    return this.input?.value ?? this.getAttribute("value") ?? "";
  }

  /** Search boxes inside are nobody's business outside. */
  private keepInside = (event: Event): void => {
    if (event.target !== this) event.stopPropagation();
  };

  private eventSource(): EventSource | null {
    const field = this.getAttribute("event-field");
    if (!field) return null;
    const scope: ParentNode = this.closest("form") ?? document;
    return /^[\w-]+$/.test(field)
      ? scope.querySelector<EventSource>(`[name="${field}"], [name$="-${field}"]`)
      : scope.querySelector<EventSource>(field);
  }

  private draw = (): void => {
    const shared = {
      value: this.value,
      schemaUrl: this.getAttribute("schema-url") ?? "",
      disabled: this.hasAttribute("readonly"),
      onChange: (json: string) => this.changed(json),
    };
    const mode = this.getAttribute("mode");
    this.root?.render(
      mode === "where" ? (
        <WhereEditor {...shared} event={this.source?.value ?? this.getAttribute("event") ?? ""} />
      ) : (
        <ConditionEditor {...shared} countUrl={this.getAttribute("count-url") ?? ""} attributesOnly={mode === "attribute-only"} />
      ),
    );
  };

  private changed(json: string): void {
    if (!this.input || this.input.value === json) return;
    this.input.value = json;
    for (const kind of ["input", "change"]) this.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

if (!customElements.get("condition-editor")) customElements.define("condition-editor", ConditionElement);
