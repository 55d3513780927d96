// `<form data-upload="what is said when the server is not reached">`: shows how much of a large file has gone, then goes
// where the answer leads. Without this script the form sends the file all the same.
import { refusal } from "./request";
import { heard, user } from "./session";

export function started(form: HTMLFormElement, request = new XMLHttpRequest()): void {
  const bar = form.querySelector("progress")!;
  const share = form.querySelector<HTMLElement>("[data-upload-share]")!;
  const error = form.querySelector<HTMLElement>("[data-upload-error]")!;
  const progress = form.querySelector<HTMLElement>("[data-upload-progress]")!;
  const input = form.querySelector<HTMLInputElement>("input[type=file]")!;
  const data = new FormData(form);
  const going = (on: boolean) => {
    progress.hidden = !on;
    input.disabled = on;
  };
  const failed = (text: string) => {
    going(false);
    input.value = "";
    error.textContent = text;
  };
  error.textContent = "";
  form.querySelector("[data-upload-name]")!.textContent = input.files?.[0]?.name ?? "";
  going(true);
  request.upload.onprogress = (event) => {
    const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 0;
    bar.value = percent;
    share.textContent = `${percent} %`;
  };
  request.onload = () => {
    heard(request.status);
    if (request.status === 401) return failed("");
    if (request.status < 400) return location.assign(request.responseURL);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const said = answer.querySelector("[data-upload-error]") ?? answer.querySelector("h1");
    failed(refusal(request.getResponseHeader("Content-Type"), request.responseText) || said?.textContent?.trim() || (form.dataset.upload ?? ""));
  };
  request.onerror = () => failed(form.dataset.upload ?? "");
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.setRequestHeader("X-User", user);
  request.send(data);
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
