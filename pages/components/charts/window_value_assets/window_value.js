// A pixel of a feature map, and the window of the previous feature map from which it is computed.

class WindowValue extends PixelChoice {
  constructor(root) {
    super();
    this.root = root;
    [this.input, this.output] = ["input", "output"].map((name) => root.querySelector(`.${name} canvas`));
    this.cells = root.querySelector(".cells");
    this.events = new AbortController();
    this.listenToPixels(this.events.signal);
  }

  destroy() {
    this.events.abort();
  }

  show(data) {
    if (!followTheme(this.root) && data.id === this.data?.id) return;
    const inputs = floats(data.inputs), outputs = floats(data.outputs), scale = scaleOf([...inputs, ...outputs]);
    this.data = { ...data, inputs, outputs, scale };
    this.keepInside(() => {
      const best = outputs.reduce((most, value, at) => (value > outputs[most] ? at : most), 0);
      return [Math.floor(best / data.output[1]), best % data.output[1]];
    });
    paint(this.input, inputs, data.input, scale);
    paint(this.output, outputs, data.output, scale);
    const texts = { ".rule": data.rule, ".hint": data.words.hint };
    texts[".input figcaption"] = `${data.names[0]} · ${data.input.join(" × ")}`;
    texts[".output figcaption"] = `${data.names[1]} · ${data.output.join(" × ")}`;
    for (const [selector, text] of Object.entries(texts)) this.root.querySelector(selector).textContent = text;
    this.output.setAttribute("aria-label", data.alt);
    this.root.style.setProperty("--size", data.size);
    this.cells.replaceChildren(...Array.from({ length: data.size ** 2 }, () => make("span", "")));
    this.update();
  }

  update() {
    const { inputs, input, outputs, output, size, marks, scale, equation, words } = this.data;
    const [row, column] = this.pointed ?? this.kept;
    const values = Array.from({ length: size ** 2 }, (_, at) => {
      return inputs[(row * size + Math.floor(at / size)) * input[1] + column * size + (at % size)];
    });
    const largest = values.indexOf(Math.max(...values));
    const fine = { ...scale, decimals: Math.max(scaleOf(scale.exponent ? [1] : [scale.largest], { digits: 3 }).decimals, 2) };
    const write = (value) => written(value, fine, words.not_finite);
    values.forEach((value, at) => {
      const cell = this.cells.children[at];
      dye(cell, value, scale);
      cell.textContent = write(value);
      cell.classList.toggle("used", marks === "all" || at === largest);
    });
    const texts = { values: values.map(write).join(", "), result: write(outputs[row * output[1] + column]) };
    const place = { row: row + 1, column: column + 1, equation: fill(equation, texts) };
    this.root.querySelector(".readout").textContent = fill(words.readout, place);
    this.ring(".input .ring", row * size, column * size, size, input);
    this.ring(".output .ring", row, column, 1, output);
  }

  ring(selector, row, column, size, [rows, columns]) {
    const share = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(this.root.querySelector(selector).style, {
      top: share(row, rows),
      left: share(column, columns),
      height: share(size, rows),
      width: share(size, columns),
    });
  }
}

export default mount(".window-value", WindowValue);
