// Titles and values of the lines to the right of the plot, each beside the end of its line. If lines coincide, their
// labels are stacked in the order of their values.

const LABEL = 16; // height of a label

const roomForLabels = ({ data, lines }) => {
  const letters = Math.max(0, ...lines.map(({ title }) => title.length)) + (data.y.percent ? 7 : 9);
  return data.endLabels ? 6.3 * letters + 16 : 18;
};

class EndLabels {
  constructor(root) {
    this.root = root;
  }

  // `rows` have a title, a value, a text, and a color. `height` is the height of the plot, whose right end is at `left`.
  show(rows, { left, top, height, position }) {
    const ends = rows.filter(({ value }) => value !== null).map((row) => ({ ...row, at: position(row.value) }));
    ends.sort((one, other) => one.at - other.at);
    const places = apartFrom(ends.map(({ at }) => at), height);
    this.root.replaceChildren(...ends.map((each, number) => {
      const made = row(each);
      made.style.transform = `translate(${left + 6}px, ${top + places[number] - LABEL / 2}px)`;
      return made;
    }));
  }

  hide() {
    this.root.replaceChildren();
  }
}

// Moves sorted positions as little as possible, so that they are LABEL apart and above the lower end.
function apartFrom(places, height) {
  const moved = [];
  places.forEach((place, at) => moved.push(Math.max(place, at ? moved[at - 1] + LABEL : -Infinity)));
  for (let at = moved.length - 1, limit = height; at >= 0; at -= 1, limit -= LABEL) moved[at] = Math.min(moved[at], limit);
  return moved;
}
