// Puts every time on the page into the reader's zone and manner; without this script they stand there in UTC.

// The page's language, in the manner of the country that the browser names with it.
const page = document.documentElement.lang;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === page) ?? page;
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

export function localize(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    element.title = element.dateTime;
    element.textContent = whole.format(date);
  }
}

localize(document);
// Parts of a page that were exchanged announce themselves.
document.addEventListener("content:replaced", (event) => localize(event.target));
