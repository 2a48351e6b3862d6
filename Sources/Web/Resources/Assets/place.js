// Towns appear while one types a place: an editable combobox with a list (WAI-ARIA 1.2, "combobox" with
// aria-autocomplete="list"). Without this script the form is sent and comes back with the towns to choose from.

const PAUSE = 180;

class PlaceField {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input[name=place]");
    this.list = root.querySelector(".place-list");
    this.status = root.querySelector(".place-status");
    this.here = root.querySelector(".place-here");
    this.found = [];
    this.active = -1;
    this.prepare();
  }

  prepare() {
    const { input } = this;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    // Pressed on an option, the input keeps the focus.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
    if (navigator.geolocation && window.isSecureContext) {
      this.here.hidden = false;
      this.here.addEventListener("click", () => this.locate());
    }
  }

  hidden(name) {
    return this.root.querySelector(name);
  }

  // What was chosen before belongs to other words.
  forget() {
    for (const name of ["[name=place_for]", "[data-latitude]", "[data-longitude]"]) this.hidden(name).value = "";
    const id = this.hidden("[data-place-id]");
    if (id) id.value = "";
    const choices = this.hidden(".place-choices");
    if (choices) choices.remove();
  }

  typed() {
    this.forget();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    const words = this.input.value.trim();
    this.request?.abort();
    if (words.length < 2) {
      this.status.textContent = "";
      this.close();
      return;
    }
    this.request = new AbortController();
    try {
      const answer = await this.ask(words, this.request.signal);
      this.show(answer.places, answer.note);
    } catch (error) {
      if (error.name !== "AbortError") this.fail(this.root.dataset.failed);
    }
  }

  async ask(words, signal) {
    const response = await fetch(`/places?q=${encodeURIComponent(words)}`, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  show(places, note) {
    this.found = places;
    this.active = -1;
    this.list.replaceChildren(...places.map((place, index) => this.option(place, index)));
    const isOpen = places.length > 0;
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.input.removeAttribute("aria-activedescendant");
    const count = this.root.dataset.many.replace("{count}", places.length);
    this.status.textContent = note || (isOpen ? count : this.root.dataset.none);
  }

  option(place, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.dataset.index = index;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.textContent = place.label;
    return item;
  }

  key(event) {
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) this.search();
      else this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && isOpen && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    }
  }

  move(step) {
    const options = [...this.list.children];
    this.active = (this.active + step + (this.active < 0 && step < 0 ? 1 : 0) + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.active)));
    const option = options[this.active];
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    const place = this.found[index];
    if (!place) return;
    this.take(place, place.label);
    this.input.focus();
  }

  take(place, label) {
    this.forget();
    this.input.value = label.slice(0, 100);
    this.hidden("[name=place_for]").value = this.input.value;
    this.hidden("[data-latitude]").value = place.latitude;
    this.hidden("[data-longitude]").value = place.longitude;
    let id = this.hidden("[data-place-id]");
    if (!id) {
      id = Object.assign(document.createElement("input"), { type: "hidden", name: "place_id" });
      id.dataset.placeId = "";
      this.root.append(id);
    }
    id.value = place.id ?? "";
    this.close();
    this.status.textContent = this.root.dataset.chosen.replace("{place}", this.input.value);
    this.input.classList.remove("is-wrong");
    this.input.removeAttribute("aria-invalid");
    this.root.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: place }));
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  fail(words) {
    this.close();
    this.status.textContent = words;
  }

  // Asked only when the button is pressed; rounded to about 100 metres before it leaves this device.
  locate() {
    this.status.textContent = this.root.dataset.locating;
    navigator.geolocation.getCurrentPosition(async ({ coords }) => {
      const words = `${coords.latitude.toFixed(3)}, ${coords.longitude.toFixed(3)}`;
      try {
        const [place] = (await this.ask(words)).places;
        if (place) this.take(place, place.label);
      } catch {
        this.fail(this.root.dataset.failed);
      }
    }, () => this.fail(this.root.dataset.denied), { maximumAge: 600_000, timeout: 15_000 });
  }
}

function prepare(root) {
  for (const field of root.querySelectorAll("[data-place]")) {
    if (field.dataset.isReady) continue;
    field.dataset.isReady = "1";
    new PlaceField(field);
  }
}

prepare(document);
document.addEventListener("content:replaced", (event) => prepare(event.target));
