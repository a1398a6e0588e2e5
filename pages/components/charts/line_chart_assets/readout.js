// A small table of the values of all lines at one x. It stays inside its plot and ignores the pointer.

class Readout {
  constructor(root) {
    this.root = root;
    this.hide();
  }

  hide() {
    this.root.hidden = true;
  }

  // Rows are sorted by value, highest first. `at` is the position in the plot in pixels.
  // Without space on the right, the table covers the left side of the plot if `mayCover` is true.
  show({ title, rows, at, room, mayCover }) {
    const sorted = rows.toSorted((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity));
    this.root.replaceChildren(line("strong", title), ...sorted.map(row));
    this.root.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const right = at + 12 + width <= room.width;
    if (!right && !mayCover) return this.hide();
    const left = right ? at + 12 : Math.max(at - 12 - width, 0);
    const across = Math.min(room.left + left, Math.max(0, room.outer - width));
    this.root.style.transform = `translate(${across}px, ${Math.max(0, Math.min(8, room.height - height))}px)`;
  }
}

function line(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function row({ title, text, colour }) {
  const made = document.createElement("div"), sample = document.createElement("i");
  sample.style.background = colour;
  made.append(sample, line("span", title), line("b", text));
  return made;
}
