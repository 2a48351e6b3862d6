// The form of a doctor's entry: the time zone and country of a place that is chosen, or else the browser's own zone.

const form = document.getElementById("practice-form");

if (form) {
  const zone = form.querySelector("[name=timeZone]");
  const country = form.querySelector("[name=countryCode]");
  const city = form.querySelector("[name=city]");
  zone.setAttribute("list", "time-zones");
  let isPreset = false;
  if (!zone.value) {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
    isPreset = true;
  }
  zone.addEventListener("input", () => { isPreset = false; });
  form.addEventListener("place:chosen", ({ detail }) => {
    if (detail.timeZone && (isPreset || !zone.value || detail.id)) zone.value = detail.timeZone;
    if (detail.countryCode) country.value = detail.countryCode;
    if (!city.value && detail.id) city.value = detail.name;
  });
}
