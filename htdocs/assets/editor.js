// SPDX-License-Identifier: Apache-2.0
// Texts with formatting, written as they will look. Without this the field holds the HTML itself.
"use strict";

function setUp(field) {
  const toolbar = field.parentElement.querySelector("[role=toolbar]");
  const label = document.getElementById("label-" + field.name);
  const editor = document.createElement("div");

  editor.className = "rich words-of-firm";
  editor.contentEditable = "true";
  editor.setAttribute("role", "textbox");
  editor.setAttribute("aria-multiline", "true");
  editor.setAttribute("aria-labelledby", label.id);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) editor.setAttribute(name, field.getAttribute(name));
  }
  editor.innerHTML = field.value;
  field.hidden = true;
  toolbar.hidden = false;
  field.after(editor);
  label.addEventListener("click", () => editor.focus());
  document.execCommand("defaultParagraphSeparator", false, "p");
  toolbar.addEventListener("mousedown", event => event.preventDefault()); // the selection stays
  toolbar.addEventListener("click", event => run(event.target.closest("button"), editor));
  // An error above the form leads to the field, which is hidden now.
  for (const link of document.querySelectorAll(`a[href="#${field.id}"]`)) {
    link.addEventListener("click", event => {
      event.preventDefault();
      editor.focus();
    });
  }
  field.form.addEventListener("submit", () => {
    field.value = editor.textContent.trim() ? editor.innerHTML : "";
  });
}

function run(button, editor) {
  if (!button) return;
  const {command, value, ask} = button.dataset;
  const answer = ask ? prompt(ask, "https://") : value;

  editor.focus();
  if (!ask || answer) document.execCommand(command, false, answer);
  editor.dispatchEvent(new Event("input", {bubbles: true}));
}

// What was typed and not saved is not lost without a word, least of all by publishing the draft without it.
function warnOfLoss(form) {
  const warn = event => event.preventDefault();

  form.addEventListener("input", () => addEventListener("beforeunload", warn));
  form.addEventListener("submit", () => removeEventListener("beforeunload", warn));
}

document.querySelectorAll("textarea[data-rich]").forEach(setUp);
document.querySelectorAll("form.editor").forEach(warnOfLoss);
