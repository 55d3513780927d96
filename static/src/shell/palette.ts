// Ctrl-K or "/" finds any journey, segment, person or page; "?" shows the keys.
import htmx from "./htmx";
import { step } from "./step";

function open(): void {
  const dialog = document.getElementById("palette") as HTMLDialogElement | null;
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input")!;
  input.select();
  htmx.trigger(input, "palette:open", {});
}

function showKeys(): void {
  const dialog = document.getElementById("keys") as HTMLDialogElement | null;
  if (dialog && !dialog.open) dialog.showModal();
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function modalOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  } else if (!typing(event.target) && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !modalOpen()) {
    if (event.key === "/") {
      event.preventDefault();
      open();
    } else if (event.key === "?") showKeys();
  }
});

document.getElementById("palette")?.addEventListener("keydown", (event) => {
  const links = [...document.querySelectorAll<HTMLElement>("#palette-hits [role=option]")];
  const chosen = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = step(links, chosen, event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1);
    document.querySelector("#palette input")?.setAttribute("aria-activedescendant", links[next]?.id ?? "");
  } else if (event.key === "Enter") {
    event.preventDefault();
    (links[Math.max(chosen, 0)] as HTMLElement | undefined)?.click();
  }
});

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-open-palette]")) open();
  if (target.closest("[data-open-keys]")) showKeys();
  // A click on the backdrop lands on the dialog itself.
  if (target instanceof HTMLDialogElement && target.hasAttribute("data-light")) target.close();
  target.closest<HTMLElement>("[data-close-dialog]")?.closest("dialog")?.close();
});
