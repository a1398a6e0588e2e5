// The names of the lines as buttons: one shows its line alone, and once more all of them. Charts of a group have the same
// line alone, whichever of them was clicked.

class Legend {
  own = null; // the name that is chosen in a chart without a group
  names = [];

  constructor(root, changed) {
    this.root = root;
    this.changed = () => {
      this.press();
      changed();
    };
    root.addEventListener("click", ({ target }) => {
      const name = target.closest("button")?.value;
      if (name === undefined) return;
      const chosen = name === this.chosen ? null : name;
      if (this.group) isolate(this.group, chosen);
      else {
        this.own = chosen;
        this.changed();
      }
    });
    isolated.addEventListener("change", this.changed);
  }

  get chosen() {
    const name = this.group ? isolated.names.get(this.group) : this.own;
    return this.names.includes(name) ? name : null;
  }

  // A run has room for a legend from the beginning: a second line may come.
  show(lines, shade, { group, legend, run }) {
    this.group = group;
    this.names = lines.map(({ name }) => name);
    this.root.hidden = !legend || (lines.length < 2 && run === null);
    const before = [...this.root.children].map(({ value }) => value);
    if (before.join("\n") !== lines.map(({ name }) => name).join("\n")) this.root.replaceChildren(...lines.map(button));
    lines.forEach(({ name, dashed }, at) => {
      const { style } = this.root.children[at].firstChild;
      style.borderTop = `3px ${dashed ? "dashed" : "solid"} ${shade(name)}`;
    });
    this.press();
  }

  shows = (name) => this.chosen === null || this.chosen === name;

  destroy() {
    isolated.removeEventListener("change", this.changed);
  }

  press() {
    for (const each of this.root.children) {
      each.setAttribute("aria-pressed", each.value === this.chosen);
      each.toggleAttribute("data-faint", !this.shows(each.value));
    }
  }
}

function button({ name }) {
  const made = Object.assign(document.createElement("button"), { type: "button", value: name });
  const sample = document.createElement("i"), text = document.createElement("span");
  text.textContent = name;
  made.append(sample, text);
  return made;
}
