// Rows travel as text: copied here, pasted there, into another segment, a message or a file.
import { useEffect, useRef } from "react";

interface Hands {
  copy: (id: string) => string | null;
  cut: (id: string) => void;
  paste: (text: string, id: string | null) => boolean;
}

let pending: string | null = null;

/** The focused row goes to the clipboard with Ctrl-C, Ctrl-X; Ctrl-V puts rows behind it. */
export function useClipboard(host: { current: HTMLElement | null }, hands: Hands): void {
  const latest = useRef(hands);
  latest.current = hands;
  useEffect(() => {
    const listen = (event: ClipboardEvent) => {
      const focus = document.activeElement as HTMLElement | null;
      if (!focus || !host.current?.contains(focus) || /^(INPUT|TEXTAREA|SELECT)$/.test(focus.tagName) || focus.closest(".ce-panel")) return;
      const id = focus.closest<HTMLElement>("[data-node]")?.dataset.node ?? null;
      if (event.type === "paste") {
        if (latest.current.paste(event.clipboardData?.getData("text/plain") ?? "", id)) event.preventDefault();
        return;
      }
      const text = id && latest.current.copy(id);
      if (!text) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut") latest.current.cut(id);
    };
    const kinds = ["copy", "cut", "paste"] as const;
    for (const kind of kinds) document.addEventListener(kind, listen);
    return () => kinds.forEach((kind) => document.removeEventListener(kind, listen));
  }, []);
}

document.addEventListener("copy", (event) => {
  if (pending === null) return;
  event.clipboardData?.setData("text/plain", pending);
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/** From a menu: also where the page is not served securely and the newer interface is missing. */
export function toClipboard(text: string): void {
  if (navigator.clipboard) return void navigator.clipboard.writeText(text);
  pending = text;
  document.execCommand("copy");
  pending = null;
}
