/** Copies the snippet of the demo page. Without a clipboard the text is selected, to copy by hand. */
const button = document.querySelector("[data-copy]");
const source = document.getElementById("snippet");
const status = document.querySelector("[data-copy-status]");

button.hidden = false;
button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(source);
    status.textContent = "Selected. Press Ctrl+C, or Command+C, to copy.";
  }
});
