// A token that opens a small panel: above everything (top layer), closed by Escape, by a click outside, by Tab.
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

interface Props {
  label: ReactNode;
  name: string;
  css?: string;
  /** Whether the label says something to those who cannot see it. */
  text?: boolean;
  hint?: string | undefined;
  disabled?: boolean;
  open?: boolean;
  children: (close: () => void) => ReactNode;
  onClose?: () => void;
}

export function Popover({ label, name, css = "", text = true, hint, disabled = false, open: first = false, children, onClose }: Props) {
  const [open, setOpen] = useState(first);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = (back = true) => {
    setOpen(false);
    if (back) button.current?.focus();
    onClose?.();
  };
  useLayoutEffect(() => {
    if (!open || !panel.current || !button.current) return;
    panel.current.showPopover?.();
    place(panel.current, button.current.getBoundingClientRect());
    panel.current.querySelector<HTMLElement>("[data-first]")?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      const target = event.target as globalThis.Node;
      if (!panel.current?.contains(target) && !button.current?.contains(target)) close(false);
    };
    const moved = () => panel.current && button.current && place(panel.current, button.current.getBoundingClientRect());
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    window.addEventListener("resize", moved);
    document.addEventListener("scroll", moved, true);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      window.removeEventListener("resize", moved);
      document.removeEventListener("scroll", moved, true);
    };
  });
  return (
    <span className="ce-anchor">
      <button ref={button} type="button" className={css} title={hint} aria-haspopup="dialog" aria-expanded={open}
        disabled={disabled} onClick={() => (open ? close() : setOpen(true))}>
        <span className="visually-hidden">{text ? `${name}: ` : name}</span>
        {label}
      </button>
      {open && (
        <div ref={panel} className="ce-panel" popover="manual" role="dialog" aria-label={name}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.stopPropagation();
              close();
            } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
          }}>
          {children(close)}
        </div>
      )}
    </span>
  );
}

/** Below the token where there is room, else above; never beyond the window. */
function place(panel: HTMLElement, anchor: DOMRect): void {
  const { innerWidth, innerHeight } = window;
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - 8 && anchor.top > height + 8 ? anchor.top - height - 4 : below;
  panel.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  panel.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
}
