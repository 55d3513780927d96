// Short messages at the corner: from the server (rendered, or as an HX-Trigger "toast") and from other scripts.
import { refusal } from "./request";

export type Tone = "success" | "info" | "warning" | "danger";

interface ToastDetail {
  text: string;
  tone?: Tone;
}

const STAY_MS = 6000;
const region = document.getElementById("toasts");
let dialogs: HTMLDialogElement[] = []; // the open ones, the topmost last

export function toast(text: string, tone: Tone = "info"): void {
  if (!region) return;
  const item = document.createElement("div");
  item.className = `toast-card toast-${tone}`;
  const body = document.createElement("div");
  body.className = "toast-text";
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", region.dataset.close ?? "Close");
  item.append(body, close);
  region.append(item);
  arm(item);
}

function arm(item: Element): void {
  item.querySelector(".btn-close")?.addEventListener("click", () => item.remove());
  // What went wrong stays until it is read.
  if (!item.classList.contains("toast-danger")) setTimeout(() => item.remove(), STAY_MS);
}

function fromServer(event: Event): void {
  const detail = (event as CustomEvent<ToastDetail & { value?: ToastDetail[] }>).detail;
  for (const one of detail.value ?? [detail]) toast(one.text, one.tone);
}

function sayWhy(event: Event): void {
  const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
  if (xhr.status === 401) return; // the page says it by itself
  const text = refusal(xhr.getResponseHeader("Content-Type"), xhr.responseText) ?? (xhr.status ? region?.dataset.failed : region?.dataset.offline);
  if (text) toast(text, "danger");
}

// What is outside of the topmost dialog lies behind it and cannot be pressed. A dialog may go with what it stands in.
function lift({ target }: Event): void {
  if (target instanceof HTMLDialogElement) dialogs.push(target);
  dialogs = dialogs.filter((dialog) => dialog.open && dialog.isConnected);
  const top = dialogs.at(-1) ?? document.body;
  if (region && region.parentElement !== top) top.append(region);
}

document.addEventListener("toggle", lift, true);
document.addEventListener("htmx:afterSwap", lift);
document.querySelectorAll("#toasts .toast-card").forEach(arm);
document.body.addEventListener("toast", fromServer);
document.body.addEventListener("htmx:responseError", sayWhy);
document.body.addEventListener("htmx:sendError", sayWhy);
