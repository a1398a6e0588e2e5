// How a value is computed: the sum of the input window times the weights is one pixel of the output.
// Images are canvases with one point per pixel. CSS positions the overlays in fractions of the image.

class Convolution extends PixelChoice {
  constructor(root) {
    super();
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = Object.fromEntries(["layout", "dot", "each", "strip", "readout"].map((name) => [name, part(name)]));
    this.terms = Object.fromEntries(["sum", "bias", "pixel"].map((name) => [name, part(name)]));
    this.grids = ["window", "weights", "products"].map((name) => part(name).querySelector(".cells"));
    [this.input, this.output] = ["input", "output"].map((name) => part(name).querySelector("canvas"));
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(() => this.join());
    this.sizes.observe(root);
  }

  destroy() {
    this.sizes.disconnect();
    this.listening.abort();
  }

  show(data) {
    if (!followTheme(this.root) && data.id === this.data?.id) return;
    this.data = prepared(data);
    this.keepInside(() => strongest(this.data));
    if (this.pinned >= data.channels) this.pinned = null;
    this.build();
    this.label();
    this.update();
  }

  place(values) {
    for (const [name, value] of Object.entries(values)) this.parts.layout.style.setProperty(`--${name}`, value);
  }

  build() {
    const { data, parts: { layout, strip } } = this, { channels, rows, columns, kernel, padding, scales } = data;
    this.place({ rows: rows + 2 * padding, columns: columns + 2 * padding, padding, kernel });
    this.place({ "output-rows": data.output[0], "output-columns": data.output[1] });
    layout.classList.toggle("single", channels === 1);
    for (const grid of this.grids) {
      grid.replaceChildren(...Array.from({ length: kernel ** 2 }, () => make("span", "")));
    }
    this.maps = Array.from({ length: channels }, (_, channel) => {
      const values = data.inputs.subarray(channel * rows * columns, (channel + 1) * rows * columns);
      const canvas = make("canvas", "");
      paint(canvas, values, [rows, columns], scales.inputs);
      return canvas;
    });
    const longest = [scales.inputs, scales.weights, scales.products].map((scale) => {
      return this.short(scale.signed ? -scale.largest : scale.largest, scale).length;
    });
    this.place({ chars: Math.max(...longest) });
    this.buttons = this.maps.map((canvas, channel) => {
      const map = make("span", "stage", canvas, make("i", "ring"));
      const button = make("button", "channel", map, make("span", "bar", make("i", "")), make("span", "adds"));
      return Object.assign(button, { type: "button", channel });
    });
    strip.replaceChildren(...this.buttons);
    Object.assign(this.input, { width: columns, height: rows });
    paint(this.output, data.outputs, data.output, scales.sums);
  }

  label() {
    const { root, data } = this, { words, channels, names, padding, stride } = data;
    const size = ([rows, columns]) => fill(words.size, { rows, columns });
    const texts = {
      ".input .name": names[0],
      ".input .size": size([data.rows, data.columns]),
      ".output .name": names[1],
      ".output .size": size(data.output),
      ".padded": [padding ? words.padded : "", stride > 1 ? fill(words.stride, { stride }) : ""].join(" "),
      ".window figcaption": words.window,
      ".weights figcaption": words.weights,
      ".products figcaption": words.products,
      ".channels p": fill(words.strip, { channels }),
      ".sum small": fill(channels > 1 ? words.sum_channels : words.sum, { channels }),
      ".bias small": words.bias,
      ".pixel small": words.pixel,
      ".hint": words.hint,
    };
    for (const [selector, text] of Object.entries(texts)) root.querySelector(selector).textContent = text;
    this.input.setAttribute("aria-label", names[0]);
    this.output.setAttribute("aria-label", data.alt);
  }

  // ---- The parts that depend on the pixel

  update() {
    const { data, maps } = this, { channels, stride } = data, pixel = this.pointed ?? this.kept, [row, column] = pixel;
    const all = Array.from({ length: channels }, (_, channel) => multiplied(data, channel, pixel));
    const order = all.toSorted((one, other) => Math.abs(other.sum) - Math.abs(one.sum));
    this.shown = all[this.pinned ?? order[0].channel];
    this.place({ row, column, top: row * stride, left: column * stride });
    this.input.getContext("2d").drawImage(maps[this.shown.channel], 0, 0);
    this.fillGrids(Math.max(...all.flatMap(({ products }) => products.map(Math.abs))) || 1);
    if (channels > 1) this.fillStrip(order);
    this.fillTotal(sum(all.map((one) => one.sum)), row, column);
    this.join();
  }

  // Products are scaled by the largest product of this pixel, weights by the largest weight of the filter.
  fillGrids(largest) {
    const { data: { scales }, shown: { values, weights, products } } = this;
    const looks = [scales.inputs, scales.weights, { ...scales.products, largest }];
    [values, weights, products].forEach((entries, which) => entries.forEach((value = 0, at) => {
      const cell = this.grids[which].children[at];
      dye(cell, value, looks[which]);
      cell.textContent = this.short(value, looks[which]);
      cell.classList.toggle("outside", entries[at] === undefined);
    }));
    this.point(null);
  }

  short(value, scale) {
    const text = value === 0 ? "0" : written(value, scale, "–");
    return this.data.kernel > 5 ? text.replace(/^(−?)0\./, "$1.") : text; // small cells
  }

  fillStrip(order) {
    const { data: { words, channels, scales }, shown, buttons, parts: { strip } } = this;
    const largest = Math.abs(order[0].sum) || 1;
    for (const { channel, sum } of order) {
      const button = buttons[channel], [, bar, adds] = button.children;
      adds.textContent = written(sum, scales.sums, words.not_finite);
      bar.style.setProperty("--share", Math.abs(sum) / largest);
      bar.classList.toggle("negative", sum < 0);
      button.classList.toggle("shown", channel === shown.channel);
      button.setAttribute("aria-pressed", channel === this.pinned);
      button.setAttribute("aria-label", fill(words.adds, { channel: channel + 1, sum: adds.textContent }));
    }
    const sorted = order.map(({ channel }) => buttons[channel]);
    if (sorted.some((button, at) => strip.children[at] !== button)) {
      strip.replaceChildren(...sorted);
      strip.scrollLeft = buttons[shown.channel].offsetLeft - strip.clientWidth / 2;
    }
    this.root.querySelector(".input .size").textContent = fill(words.channel, { channel: shown.channel + 1, channels });
  }

  fillTotal(total, row, column) {
    const { words, scales, bias, outputs, output } = this.data, texts = {};
    for (const [name, value] of Object.entries({ sum: total, bias, pixel: outputs[row * output[1] + column] })) {
      const { firstElementChild } = this.terms[name];
      texts[name] = firstElementChild.textContent = written(value, scales.sums, words.not_finite);
      dye(firstElementChild, value, scales.sums);
    }
    this.writeSigns(texts, total);
    this.parts.readout.textContent = fill(words.readout, { ...texts, row: row + 1, column: column + 1 });
  }

  // A negative bias is in parentheses. "≈" replaces "=" if the displayed digits do not add up.
  writeSigns({ sum: total, bias, pixel }, exact) {
    const { terms, data } = this, number = (text) => Number(text.replace("−", "-"));
    if (data.bias < 0) terms.bias.firstElementChild.textContent = `(${bias})`;
    const difference = Math.abs(number(total) + number(bias) - number(pixel)), digit = 10 ** -data.scales.sums.decimals;
    terms.pixel.previousElementSibling.textContent = Number.isFinite(exact) && difference > digit / 2 ? "≈" : "=";
  }

  // One product: the same position in the window, the weights, the products, and the image.
  point(at) {
    const { data: { words, channels, kernel, scales }, shown, parts: { dot, each } } = this;
    for (const grid of this.grids) [...grid.children].forEach((cell, k) => cell.classList.toggle("same", k === at));
    dot.hidden = at === null;
    if (at === null) {
      const added = { channel: shown.channel + 1, sum: written(shown.sum, scales.sums, words.not_finite) };
      each.textContent = fill(channels > 1 ? words.every_channel : words.every, added);
      return;
    }
    this.place({ "dot-top": Math.floor(at / kernel), "dot-left": at % kernel });
    const write = (value) => value === 0 ? "0" : written(value, scaleOf([value], { digits: 3 }), words.not_finite);
    const value = write(shown.values[at] ?? 0), weight = write(shown.weights[at]), product = write(shown.products[at]);
    each.textContent = fill(words.each, { value, weight, product });
  }

  // Beams from the window to its numbers, and from the sum to its pixel.
  join() {
    const { root } = this, base = this.parts.layout.getBoundingClientRect();
    const ends = [[".input .ring", ".window .cells"], [".pixel strong", ".output .ring"]];
    root.querySelectorAll(".beams path").forEach((path, which) => {
      const [from, to] = ends[which].map((selector) => root.querySelector(selector).getBoundingClientRect());
      const corners = [[from.right, from.top], [to.left, to.top], [to.left, to.bottom], [from.right, from.bottom]];
      path.setAttribute("d", `M${corners.map(([x, y]) => [x - base.left, y - base.top]).join("L")}Z`);
    });
  }

  // ---- User input

  listen() {
    const { grids, parts: { strip } } = this;
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    this.listenToPixels(this.listening.signal);
    on(strip, "click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      this.pinned = button.channel === this.pinned ? null : button.channel;
      this.update();
    });
    for (const grid of grids) {
      on(grid, "pointerover", ({ target }) => target !== grid && this.point([...grid.children].indexOf(target)));
      on(grid, "pointerleave", ({ pointerType }) => pointerType === "touch" || this.point(null)); // a tap stays selected
    }
  }
}

export default mount(".convolution", Convolution);
