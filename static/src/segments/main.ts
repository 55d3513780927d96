// The look of the segment pages; what moves on them is htmx and <condition-editor>. The name is as wide as it is long.
import "../people/main";
import "./live";
import "./segments.css";

document.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.matches(".title-input")) field.size = Math.min(Math.max(field.value.length + 1, 16), 48);
});
