// SPDX-License-Identifier: Apache-2.0
// Files by drag and drop, and a bar of how far they are. Without this the form works as a plain form.
"use strict";

const form = document.getElementById("upload");
const file = document.getElementById("file");
const bar = document.getElementById("progress");
const failed = document.getElementById("upload-failed");
const brokenOff = failed.textContent;

form.addEventListener("dragover", event => {
  event.preventDefault();
  form.classList.add("over");
});
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", event => {
  event.preventDefault();
  form.classList.remove("over");
  file.files = event.dataTransfer.files;
});
// A file that misses the form must not replace the page.
for (const kind of ["dragover", "drop"]) {
  window.addEventListener(kind, event => event.preventDefault());
}

function isBusy(busy) {
  form.querySelector("button").disabled = busy;
  bar.parentElement.hidden = !busy;
}

function showAnswer(request) {
  if (request.status < 300) {
    location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const problems = page.querySelector("main [role=alert]:not([hidden])");
  isBusy(false);
  for (const old of document.querySelectorAll("main > [role=alert]")) old.remove();
  if (problems) {
    document.querySelector("main h1").after(document.adoptNode(problems));
    problems.focus();
    problems.scrollIntoView();
  } else { // the page of an error has its reason as its heading
    failed.textContent = page.querySelector("main h1")?.textContent || brokenOff;
    failed.hidden = false;
  }
}

form.addEventListener("submit", event => {
  const request = new XMLHttpRequest();
  event.preventDefault();
  failed.hidden = true;
  request.upload.addEventListener("progress", step => {
    if (step.lengthComputable) bar.value = 100 * step.loaded / step.total;
  });
  request.addEventListener("load", () => showAnswer(request));
  request.addEventListener("error", () => {
    isBusy(false);
    failed.textContent = brokenOff;
    failed.hidden = false;
  });
  request.open("POST", form.action);
  isBusy(true);
  request.send(new FormData(form));
});
