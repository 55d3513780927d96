import { beforeEach, describe, expect, it, vi } from "vitest";
import { started } from "./upload";

class Sent {
  upload: { onprogress?: (event: Partial<ProgressEvent>) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  status = 200;
  responseURL = "";
  responseText = "";
  open = vi.fn();
  setRequestHeader = vi.fn();
  getResponseHeader = () => "text/html";
  send = vi.fn();
}

let form: HTMLFormElement;
let request: Sent;

beforeEach(() => {
  document.body.innerHTML = `<form action="/people/import/" data-upload="Try again."><input type="file" name="file">
    <div data-upload-progress hidden><span data-upload-name></span><span data-upload-share></span><progress max="100"></progress></div>
    <div data-upload-error></div></form>`;
  form = document.querySelector("form")!;
  request = new Sent();
  started(form, request as unknown as XMLHttpRequest);
});

const text = (name: string) => form.querySelector(`[data-upload-${name}]`)!.textContent;
const bar = () => form.querySelector<HTMLElement>("[data-upload-progress]")!;

describe("an upload", () => {
  it("sends the form and shows how much has gone", () => {
    expect(request.open).toHaveBeenCalledWith("POST", form.action);
    expect(request.send).toHaveBeenCalledOnce();
    request.upload.onprogress!({ loaded: 30, total: 120 });
    expect([bar().hidden, text("share"), form.querySelector("progress")!.value]).toEqual([false, "25 %", 25]);
  });

  it("says what the server says, and lets one try again", () => {
    request.status = 422;
    request.responseText = "<h1>Bring people in</h1><p data-upload-error> This file is empty. </p>";
    request.onload!();
    expect([text("error"), bar().hidden, form.querySelector("input")!.disabled]).toEqual([
      "This file is empty.",
      true,
      false,
    ]);
  });

  it("says so when the server is not reached", () => {
    request.onerror!();
    expect(text("error")).toBe("Try again.");
  });
});
