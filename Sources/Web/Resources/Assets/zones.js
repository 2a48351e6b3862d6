// Puts the reader's own time beside a clinic's where the two differ; without this script the clinic's stands alone.

// The page's language, in the manner of the country that the browser names with it.
const page = document.documentElement.lang;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === page) ?? page;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(locale, { weekday: "short" });
const dayAt = (date, minutes) => Math.floor((date.getTime() / 60000 + minutes) / 1440);

let differs = false;
for (const element of document.querySelectorAll("[data-moment][data-offset]")) {
  const date = new Date(element.dataset.moment);
  if (Number.isNaN(date.getTime())) continue;
  const [clinic, own] = [Number(element.dataset.offset), -date.getTimezoneOffset()];
  if (clinic === own) continue;
  differs = true;
  const yours = document.createElement("span");
  yours.className = "slot-yours";
  const time = dayAt(date, clinic) === dayAt(date, own) ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
  yours.textContent = element.dataset.yours ? element.dataset.yours.replace("{time}", time) : time;
  element.after(yours);
}
if (differs) for (const line of document.querySelectorAll(".yours-line")) line.hidden = false;
