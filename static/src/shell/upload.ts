// `<form data-upload>`: shows how much of a large file has gone, then goes where the answer leads. Without this script the
// form sends the file all the same.
export function started(form: HTMLFormElement, request = new XMLHttpRequest()): void {
  const bar = form.querySelector("progress")!;
  const share = form.querySelector<HTMLElement>("[data-upload-share]")!;
  const error = form.querySelector<HTMLElement>("[data-upload-error]")!;
  const progress = form.querySelector<HTMLElement>("[data-upload-progress]")!;
  const button = form.querySelector<HTMLButtonElement>("[data-upload-button]")!;
  const file = form.querySelector<HTMLInputElement>("input[type=file]")!.files?.[0];
  const going = (on: boolean) => {
    progress.hidden = !on;
    button.disabled = on;
  };
  const failed = (text: string) => {
    going(false);
    error.textContent = text;
  };
  error.textContent = "";
  form.querySelector("[data-upload-name]")!.textContent = file?.name ?? "";
  going(true);
  request.upload.onprogress = (event) => {
    const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 0;
    bar.value = percent;
    share.textContent = `${percent} %`;
  };
  request.onload = () => {
    if (request.status < 400) return location.assign(request.responseURL);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    failed(answer.querySelector("[data-upload-error], .error-text, h1")?.textContent?.trim() ?? "");
  };
  request.onerror = () => failed(form.dataset.uploadFailed ?? "");
  request.open("POST", form.action);
  request.send(new FormData(form));
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!("upload" in form.dataset)) return;
  event.preventDefault();
  started(form);
});

// A file that is chosen or dropped goes at once.
document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (input.type === "file" && input.files?.length) input.closest<HTMLFormElement>("form[data-upload]")?.requestSubmit();
});
