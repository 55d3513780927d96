// The light / dark / auto switch. The choice is kept on the user by the server; the page changes at once.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-set-theme]");
  if (!button?.dataset.setTheme) return;
  const root = document.documentElement;
  root.dataset.theme = button.dataset.setTheme;
  root.dispatchEvent(new Event("theme:changed"));
  document.querySelectorAll("[data-set-theme]").forEach((other) => {
    other.setAttribute("aria-pressed", String(other === button));
  });
});
