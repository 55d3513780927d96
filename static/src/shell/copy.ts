// `<button data-copy="#id">` copies the text of that element, and says so on the button for a moment.
document.addEventListener("click", async (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
  const source = button?.dataset.copy ? document.querySelector(button.dataset.copy) : null;
  if (!button || !source) return;
  const text = source instanceof HTMLInputElement ? source.value : (source.textContent ?? "");
  await navigator.clipboard.writeText(text.trim());
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 2000);
});
