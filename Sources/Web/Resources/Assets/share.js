// Hands a report or a link to the device's share sheet, where the browser has one; without it the plain links do.

const say = (button, words) => {
  let line = button.parentElement.querySelector(".share-words");
  if (!line) {
    line = document.createElement("span");
    line.className = "share-words text-quiet";
    line.setAttribute("role", "status");
    button.after(line);
  }
  line.textContent = words;
};

// A sheet that was closed again is no fault.
const share = async (button, what) => {
  try {
    await navigator.share(what);
  } catch (error) {
    if (error.name === "AbortError") return;
    // The browser wants a new tap where the file took long to come.
    say(button, error.name === "NotAllowedError" ? button.dataset.shareReady : button.dataset.shareFailed);
  }
};

const probe = new File(["%PDF-"], "report.pdf", { type: "application/pdf" });
if (navigator.canShare?.({ files: [probe] })) {
  for (const button of document.querySelectorAll("[data-share-file]")) {
    let file = null;
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        if (!file) {
          const answer = await fetch(button.dataset.shareFile, { credentials: "same-origin" });
          if (!answer.ok || answer.headers.get("content-type") !== "application/pdf") throw new Error(answer.status);
          file = new File([await answer.blob()], button.dataset.shareName, { type: "application/pdf" });
        }
        await share(button, { files: [file] });
      } catch {
        say(button, button.dataset.shareFailed);
      } finally {
        button.disabled = false;
      }
    });
  }
}

for (const button of document.querySelectorAll("[data-share-link]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  const url = document.getElementById(button.dataset.shareLink).value;
  button.addEventListener("click", () => share(button, { url, title: button.dataset.shareTitle }));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      say(button, button.dataset.copied);
    } catch {
      field.select();
    }
  });
}
