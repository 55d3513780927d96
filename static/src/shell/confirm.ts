// Asks before something that cannot be taken back, in our own dialog instead of the browser's.
//   <button hx-post="…" hx-confirm="Delete this?" data-confirm-yes="Delete" data-confirm-type="Name to type">
//   <form method="post" data-confirm="Delete this?" …>   or the same on one of its buttons
interface Question {
  text: string;
  yes?: string | undefined;
  type?: string | undefined;
}

export function ask(question: Question): Promise<boolean> {
  const dialog = document.getElementById("confirm") as HTMLDialogElement;
  const yes = dialog.querySelector<HTMLButtonElement>("[value=yes]")!;
  const typed = dialog.querySelector<HTMLInputElement>("input")!;
  const field = dialog.querySelector<HTMLElement>("[data-typed]")!;
  dialog.querySelector("[data-question]")!.textContent = question.text;
  dialog.querySelector("[data-name]")!.textContent = question.type ?? "";
  yes.textContent = question.yes ?? yes.dataset.default ?? "";
  field.hidden = !question.type;
  typed.value = "";
  const check = () => {
    yes.disabled = Boolean(question.type) && typed.value.trim() !== question.type;
  };
  typed.oninput = check;
  check();
  dialog.returnValue = "";
  dialog.showModal();
  (question.type ? typed : yes).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function questionOf(element: HTMLElement, text: string): Question {
  return { text, yes: element.dataset.confirmYes, type: element.dataset.confirmType };
}

document.addEventListener("htmx:confirm", (event) => {
  const detail = (event as CustomEvent<{ question?: string; elt: HTMLElement; issueRequest(skip: boolean): void }>).detail;
  if (!detail.question) return;
  event.preventDefault();
  void ask(questionOf(detail.elt, detail.question)).then((sure) => {
    if (sure) detail.issueRequest(true);
  });
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const submitter = (event as SubmitEvent).submitter;
  const asking = submitter?.dataset.confirm ? submitter : form;
  if (!asking.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  void ask(questionOf(asking, asking.dataset.confirm)).then((sure) => {
    if (!sure) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  });
});
