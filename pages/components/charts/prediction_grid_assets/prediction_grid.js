// Images above the predictions of several classifiers at the playhead, without requests to the server.

const BLOCKS = 2;

class PredictionGrid {
  chosen = null; // number of the image under the pointer

  constructor(root) {
    this.root = root;
    for (const name of ["title", "blocks", "readout"]) this[name] = root.querySelector(`.${name}`);
    this.listening = new AbortController();
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(playhead, "move", () => this.data && this.fill());
    for (const kind of ["pointermove", "pointerdown"]) on(this.blocks, kind, (event) => this.choose(imageAt(event)));
    on(this.blocks, "pointerleave", ({ pointerType }) => pointerType === "mouse" && this.choose(null));
    on(document, "pointerdown", (event) => event.composedPath().includes(this.blocks) || this.choose(null));
    on(this.blocks, "blur", () => this.choose(null));
    on(this.blocks, "keydown", (event) => this.type(event));
  }

  destroy() {
    this.listening.abort();
  }

  show(data) {
    this.data = data;
    this.root.classList.toggle("faded", data.faded);
    const { rows, labels, sprite, accuracy } = data, made = JSON.stringify([rows, labels.length, sprite, accuracy]);
    if (made !== this.made) this.build();
    this.made = made;
    this.fill();
  }

  // ---- Elements: a block has a row of images and a row of cells for each classifier

  build() {
    const { rows, labels, sprite, accuracy } = this.data, columns = Math.ceil(labels.length / BLOCKS);
    this.blocks.style.setProperty("--columns", columns);
    this.blocks.style.setProperty("--images", labels.length);
    this.blocks.style.setProperty("--sprite", `url("${sprite}")`);
    this.cells = rows.map(() => []);
    this.counts = [];
    this.columns = [];
    this.blocks.replaceChildren(...Array.from({ length: BLOCKS }, (_, block) => {
      const images = labels.map((_, number) => number).slice(block * columns, (block + 1) * columns);
      const first = block ? element("span", "side accuracy") : element("span", "side");
      if (block) first.textContent = accuracy;
      const parts = [first, ...images.map((number) => this.image(number))];
      rows.forEach((row, at) => {
        parts.push(block ? this.count(row) : named(row));
        for (const number of images) parts.push(this.cell(at, number));
      });
      const whole = element("div", "block");
      whole.append(...parts);
      return whole;
    }));
  }

  image(number) {
    const made = element("i", "image");
    made.dataset.image = number;
    made.style.setProperty("--number", number);
    this.columns[number] = [made];
    return made;
  }

  cell(row, number) {
    const made = element("span", "cell");
    made.dataset.image = number;
    this.cells[row][number] = made;
    this.columns[number].push(made);
    return made;
  }

  count(row) {
    const made = element("span", "side count");
    made.style.setProperty("--colour", row.colour);
    made.append(element("b"), element("span"));
    this.counts.push(made);
    return made;
  }

  // ---- Content

  get frame() {
    const { run, frames } = this.data, step = playhead.run === run && playhead.step !== null ? playhead.step : Infinity;
    return frames.findLast((frame) => frame.step <= step) ?? frames[0];
  }

  fill() {
    const { rows, labels, symbols, words, alt } = this.data, { title, predictions, accuracies } = this.frame;
    if (this.title.textContent !== title) this.title.textContent = title;
    const told = rows.map(({ name }, row) => {
      const correct = labels.filter((label, number) => label === predictions[row][number]).length;
      const known = labels.some((_, number) => symbols[predictions[row][number]]);
      this.cells[row].forEach((cell, number) => show(cell, predictions[row][number], labels[number], symbols));
      this.counts[row].firstChild.textContent = known ? fill(words.count, { correct, images: labels.length }) : "–";
      this.counts[row].lastChild.textContent = accuracies[row];
      return fill(words.row, { name, correct, images: labels.length });
    });
    this.blocks.setAttribute("aria-label", [alt, ...told].join(". "));
    this.tell();
  }

  // ---- One image

  choose(number) {
    if (number === this.chosen) return;
    this.chosen = number;
    this.tell();
  }

  tell() {
    const { rows, labels, symbols, words, explanation } = this.data, number = this.chosen;
    this.columns.forEach((parts, at) => parts.forEach((part) => part.classList.toggle("chosen", at === number)));
    let text = explanation;
    if (number !== null) {
      const label = labels[number], { predictions } = this.frame;
      const told = rows.map(({ short: name }, row) => {
        const prediction = predictions[row][number], symbol = symbols[prediction];
        if (!symbol) return fill(words.none, { name });
        return fill(prediction === label ? words.correct : words.wrong, { name, prediction: symbol.name });
      });
      text = fill(words.image, { number: number + 1, label: symbols[label].name, predictions: told.join(", ") });
    }
    if (this.readout.textContent !== text) this.readout.textContent = text;
  }

  type(event) {
    const last = this.data.labels.length - 1, at = this.chosen;
    const places = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last };
    if (event.key === "Escape") this.choose(null);
    if (!(event.key in places)) return;
    event.preventDefault();
    this.choose(clamp(places[event.key], 0, last));
  }
}

const element = (kind, name = "") => Object.assign(document.createElement(kind), { className: name });

function imageAt({ target }) {
  const number = target.closest("[data-image]")?.dataset.image;
  return number === undefined ? null : Number(number);
}

function named({ name, short, colour }) {
  const made = element("span", "side name");
  made.style.setProperty("--colour", colour);
  made.append(...[["long", name], ["short", short]].map(([kind, text]) => Object.assign(element("span", kind), { textContent: text })));
  return made;
}

// A prediction with its mark: wrong ones have a cross, so that the meaning does not depend on color alone.
function show(cell, prediction, label, symbols) {
  const symbol = symbols[prediction], state = !symbol ? "none" : prediction === label ? "correct" : "wrong";
  const shown = `${state} ${prediction}`;
  if (cell.dataset.shown === shown) return;
  cell.dataset.shown = shown;
  cell.dataset.state = state;
  cell.replaceChildren();
  if (symbol?.image) {
    const picture = element("i", "symbol");
    picture.style.backgroundImage = `url("${symbol.image}")`;
    cell.append(picture);
  } else cell.textContent = symbol ? symbol.text : "–";
}

export default mount(".prediction-grid", PredictionGrid);
