// ---- The whole: what Python sent, and its pictures

const FINE = 100; // points on each side of the lattice; half as many while a picture costs much
const LITTLE = 25; // points on each side of a unit's picture
const COSTLY = 18; // milliseconds of a picture
const LEAST = 30; // milliseconds between two pictures: training needs the processor too
const WIDE = 720; // pixels

class Playground {
  constructor(root) {
    this.root = root;
    const parts = "play position step restore title numbers bar low middle high readout".split(" ");
    this.parts = Object.fromEntries(parts.map((part) => [part, root.querySelector(`.${part}`)]));
    this.switches = { test: root.querySelector(".with-test"), discrete: root.querySelector(".discrete") };
    this.board = new Board(root);
    this.surface = new Surface(root.querySelector(".output"));
    this.controls = new Controls(root, (change) => this.component.setTriggerValue("change", change));
    this.player = new Player();
    this.hand = new Hand(this);
    this.drawn = 0;
    this.own = false;
    this.times = []; // of the pictures of the last second
    this.tick = this.tick.bind(this);
    this.listening = new AbortController();
    listen(this, this.listening.signal);
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
    this.sizes.observe(root.querySelector(".board"));
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.listening.abort();
  }

  // Called for every look that Python takes at a run: mostly the same network, with more snapshots.
  show(data) {
    const other = data.id !== this.id;
    Object.assign(this, { words: data.words, editable: data.editable, total: data.total, alt: data.alt });
    if (other) this.build(data);
    if (other || data.run !== this.player.run) {
      this.player.begin(data.run, matchMedia("(prefers-reduced-motion: reduce)").matches);
      this.hand.let();
    }
    this.player.add(data.snapshots, data);
    this.label();
    this.recolour();
    this.layOut();
    this.redraw();
  }

  build(data) {
    Object.assign(this, { id: data.id, width: null, lattices: {}, looked: null });
    this.network = new Network(data.network);
    this.points = Object.fromEntries(Object.entries(data.points).map(([part, text]) => [part, decoded(text)]));
    this.board.build(this.network, data.features, data.words);
    this.controls.build(data);
    const own = data.chosen === "own"; // whoever puts points down looks for them: all are shown, those of the test too
    if (own !== this.own) this.switches.test.checked = own;
    this.own = own;
    this.hand.begin();
  }

  label() {
    const { words, root, parts: { position, play }, player } = this;
    for (const [part, text] of Object.entries(words.parts)) root.querySelector(`.${part}`).textContent = text;
    position.setAttribute("aria-label", words.position);
    position.max = this.total;
    position.disabled = play.disabled = player.last === 0;
    this.surface.cross.setAttribute("aria-label", this.alt);
    this.controls.enable(this.editable);
  }

  recolour() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const context = this.surface.sheet.getContext("2d");
    context.fillStyle = theme("background-color"); // reads back as #rrggbb
    const look = rgb(context.fillStyle).reduce((sum, part) => sum + part) < 384 ? DARK : LIGHT;
    const quiet = getComputedStyle(this.parts.readout).color;
    this.look = { ...look, border: theme("border-color"), quiet, font: style.fontFamily };
    this.colours = palette(look);
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => css(this.colours.shades[share * 2 * SHADES]));
    this.parts.bar.style.background = `linear-gradient(90deg, ${stops})`;
    this.controls.recolour(look, this.colours);
    this.stale = true;
  }

  layOut() {
    const width = this.root.clientWidth;
    if (!this.id || !width) return;
    if (width !== this.width || devicePixelRatio !== this.ratio) {
      Object.assign(this, { width, ratio: devicePixelRatio, wide: width >= WIDE });
      this.surface.resize(this.surface.stage.clientWidth);
      this.board.layOut([...this.controls.heads.children], this.wide);
      this.stale = true;
    }
    this.board.measure(this.surface.stage, this.wide);
    this.redraw();
  }

  // ---- Frames: only while something moves

  redraw() {
    this.frame ??= requestAnimationFrame(this.tick);
  }

  tick(now) {
    this.frame = null;
    const { player } = this;
    if (!this.width || !player.shown) return; // not laid out yet
    if (player.moving && now - this.drawn < LEAST) return this.redraw();
    if (player.advance(now)) this.times.push(now);
    this.times = this.times.filter((time) => now - time < 1000);
    this.root.dataset.rate = this.times.length;
    this.drawn = now;
    this.draw();
    if (player.moving) this.redraw();
  }

  draw() {
    const began = performance.now(), { player, board, colours } = this;
    const side = player.moving && this.cost > COSTLY ? FINE / 2 : FINE;
    this.lattices[side] ??= Sample.lattice(this.network, side);
    this.parameters = this.hand.weights ?? player.weights();
    this.lattice = this.lattices[side].compute(this.parameters);
    for (const unit of board.units) {
      if (unit.name && unit.colours === colours) continue; // features stay as they are
      const values = this.valuesOf(unit);
      paint(unit.button.firstChild, values, side, side / LITTLE, largest(values), colours);
      unit.colours = colours;
    }
    board.draw(this.parameters, this.look, this.hand.edge ?? this.looked);
    this.drawLarge();
    if (side === FINE) this.cost = performance.now() - began;
    this.tell();
    this.hand.tell();
  }

  // What a unit or a feature says on the lattice.
  valuesOf({ layer, unit, name }) {
    return name ? featureOf(name, this.lattice.xs, this.lattice.ys) : this.lattice.of(layer, unit);
  }

  // The output as what it says, from -1 to 1: of classes that is twice the probability of class 1, less one.
  drawLarge() {
    const { network, surface, look, colours, switches } = this, subject = this.looked ?? this.board.output;
    const output = subject === this.board.output, values = this.valuesOf(subject);
    this.range = output ? 1 : largest(values);
    const shade = output && network.classes ? (value) => 2 * network.answer(value) - 1 : (value) => value / this.range;
    const options = { discrete: output && switches.discrete.checked, line: network.classes && output, ink: look.ink };
    surface.drawPlane(values.map(shade), this.lattice.side, options, colours);
    surface.drawCross(look);
    if (!this.stale) return;
    this.stale = false;
    const points = { ...this.points, test: switches.test.checked ? this.points.test : [] };
    surface.drawDots(points, look, network.classes, colours);
  }

  // A feature is used, or left out.
  toggle({ name }) {
    const used = new Set(this.network.features);
    if (!used.delete(name)) used.add(name);
    const features = this.board.layers[0].map((unit) => unit.name).filter((one) => used.has(one));
    this.component.setTriggerValue("change", { features });
  }

  // ---- Numbers

  tell() {
    const { player, words, parts, root, network } = this, { step, numbers } = player.shown;
    const text = fill(words.step, { step: step.toLocaleString("en"), total: this.total.toLocaleString("en") });
    parts.step.textContent = text;
    parts.position.value = player.step;
    parts.position.setAttribute("aria-valuetext", text);
    const over = player.complete && player.atEnd && player.last > 0;
    parts.play.textContent = player.playing ? words.pause : over ? words.replay : words.play;
    Object.assign(root.dataset, { playing: player.playing, step });
    const subject = this.looked ?? this.board.output, output = subject === this.board.output;
    parts.title.textContent = subject.title;
    const ends = output && network.classes ? words.ends : [-this.range, 0, this.range].map((end) => number(end, "–"));
    [parts.low, parts.middle, parts.high].forEach((part, at) => { part.textContent = ends[at]; });
    const [train, test, trainRight, testRight] = this.hand.numbers() ?? numbers;
    const said = (value) => number(value, words.not_finite);
    const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "–");
    parts.numbers.textContent = fill(words.numbers, {
      train: said(train), test: said(test), train_right: percent(trainRight), test_right: percent(testRight),
    });
    parts.restore.hidden = !this.hand.weights;
    this.tellPoint(subject);
  }

  // At the place that is pointed at: what the large picture says there, and what every unit does.
  tellPoint(subject) {
    const { surface: { pointed }, root, parts: { readout }, words, network } = this;
    root.dataset.pointing = Boolean(pointed);
    if (!pointed) {
      readout.textContent = words.point;
      for (const part of ["x", "y", "value"]) delete readout.dataset[part];
      return;
    }
    const [x, y] = pointed, probe = new Sample(network, [x], [y]).compute(this.parameters);
    const of = ({ name, layer, unit }) => (name ? FEATURES[name](x, y) : probe.of(layer, unit)[0]);
    for (const unit of this.board.units) unit.button.dataset.value = short(of(unit));
    root.style.setProperty("--px", (x + EDGE) / (2 * EDGE));
    root.style.setProperty("--py", (EDGE - y) / (2 * EDGE));
    const output = subject === this.board.output, value = output ? network.answer(of(subject)) : of(subject);
    const at = (place) => place.toFixed(2).replace("-", "−");
    const said = { x: at(x), y: at(y), value: number(value, words.not_finite) };
    readout.textContent = fill(output ? words.point_output : words.point_unit, said);
    Object.assign(readout.dataset, { x, y, value });
  }
}

const short = (value) => (Math.abs(value) < 99.5 ? value.toPrecision(2) : value.toExponential(0)).replace("-", "−");

export default mount(".playground", Playground);
