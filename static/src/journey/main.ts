// The pages around the canvas: a dialog that arrives with `data-open` opens itself.
import "./journey.css";

document.body.addEventListener("htmx:afterSwap", (event) => {
  const dialog = (event.target as Element).querySelector<HTMLDialogElement>("dialog[data-open]");
  if (dialog && !dialog.open) dialog.showModal();
});
