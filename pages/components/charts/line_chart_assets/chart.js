// The lighter colors for dark backgrounds, as in .streamlit/config.toml.
const LIGHTER = { "#0072B2": "#56B4E9", "#D55E00": "#F08A4B", "#009E73": "#2FC79E" };

// A line chart in one element, drawn by uPlot and kept while its data change.

class LineChart {
  constructor(root) {
    this.root = root;
    for (const name of ["title", "drawing", "legend"]) this[name] = root.querySelector(`.${name}`);
    this.readout = new Readout(root.querySelector(".readout"));
    this.ends = new EndLabels(root.querySelector(".ends"));
    this.names = new Legend(this.legend, () => this.isolate());
    this.overlay = new Overlay(this);
    this.listening = new AbortController();
    this.listen();
    this.sizes = new ResizeObserver(([{ contentRect }]) => this.resize(contentRect));
    this.sizes.observe(this.drawing);
  }

  destroy() {
    this.names.destroy();
    this.sizes.disconnect();
    this.listening.abort();
    this.plot?.destroy();
  }

  show([data]) {
    const subject = JSON.stringify([data.id, data.y]);
    if (subject !== this.subject) this.range = this.overlay.hovered = null;
    Object.assign(this, { data, subject });
    Object.assign(this, readLines(data));
    this.readTheme();
    if (data.height) this.root.style.setProperty("--height", `${data.height}px`);
    this.drawing.setAttribute("aria-label", data.alt);
    this.title.textContent = data.y.title;
    this.names.show(this.lines, this.shade, data);
    this.lines.sort((one, other) => one.dashed - other.dashed); // comparison lines are drawn on top
    this.setRanges();
    if (this.width) this.draw();
  }

  readTheme() {
    const style = getComputedStyle(this.root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const text = theme("text-color"), line = theme("border-color");
    this.font = theme("font") || "sans-serif";
    this.theme = themeOf(this.root);
    this.palette = theme("chart-categorical-colors").split(",");
    const faint = (colour, share) => `color-mix(in srgb, ${colour} ${share}%, transparent)`;
    this.colours = { ground: theme("background-color"), line, grid: faint(line, 65), quiet: faint(text, 72) };
  }

  shade = (name) => {
    const shade = this.data.shades[name];
    if (typeof shade === "number") return this.palette[shade % this.palette.length];
    if (Array.isArray(shade)) return shade[Number(this.theme === "dark")];
    return (this.theme === "dark" && LIGHTER[shade]) || shade;
  };

  setRanges() {
    const x = [...this.lines, ...this.bands, ...this.dots].flatMap((line) => line.x);
    const last = x.length ? Math.max(...x) : -Infinity;
    const names = this.lines.map(({ name }) => name).join("\n");
    if (last < this.last || (last === this.last && names !== this.lineNames)) this.range = null; // another run or choice
    Object.assign(this, { last, lineNames: names });
    this.few = this.lines.every((line) => line.x.length < 3);
    this.wholeX = !this.data.x.log && x.every(Number.isInteger);
    this.across = horizontalRange(x, this.data.x);
    this.range = verticalRange({ ...extent(this), ...this.data.y, before: this.range });
  }

  // ---- Drawing

  resize({ width, height }) {
    if (!width || !height || (width === this.width && height === this.height)) return;
    Object.assign(this, { width, height });
    if (this.plot) this.plot.setSize({ width, height });
    else if (this.data) this.draw();
  }

  // Updates the data of the plot. Creates a new plot only for other lines or axes.
  draw() {
    const { x, y } = this.data, parts = [this.lines.map(({ name, dashed }) => [name, dashed]), x.title, x.log, y.log, roomForLabels(this)];
    const made = JSON.stringify(parts), data = aligned(this.lines, this.across);
    if (made === this.made) {
      this.plot.setData(data);
      return;
    }
    this.made = made;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), data, this.drawing);
  }

  options() {
    const compared = this.lines.some(({ dashed }) => dashed), { x, y } = this.data;
    const shown = (parts) => parts.filter(({ name }) => this.names.shows(name));
    return {
      width: this.width,
      height: this.height,
      padding: [8, roomForLabels(this), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, distr: x.log ? 3 : 1, range: () => this.across },
        y: { distr: y.log ? 3 : 1, range: () => this.range },
      },
      axes: [horizontalAxis(this, this.font), verticalAxis(this, this.font)],
      series: [
        {},
        ...this.lines.map(({ name, dashed }) => ({
          show: this.names.shows(name),
          stroke: () => this.shade(name),
          width: compared && !dashed ? 3 : 2, // stays visible beneath a dashed line
          dash: dashed ? [5, 4] : [],
          points: {
            show: true,
            size: 7,
            width: 0,
            fill: () => this.shade(name),
            filter: (plot, at) => lonePoints(plot.data[at], this.few),
          },
        })),
      ],
      hooks: {
        drawAxes: [(plot) => paintBands(plot, shown(this.bands), this.shade)],
        draw: [(plot) => {
          paintMarks(plot, this.data, this.colours.quiet, this.font);
          paintRings(plot, shown(this.dots), this.shade);
          this.plot = plot;
          this.overlay.fit(plot);
          this.overlay.draw();
        }],
      },
    };
  }

  isolate() {
    this.plot?.batch(() => {
      this.lines.forEach(({ name }, at) => this.plot.setSeries(at + 1, { show: this.names.shows(name) }));
    });
  }

  // ---- Values at one x

  valuesAt(x) {
    const text = this.data.y.percent ? (value) => percentage(value) : (value) => shortNumber(value, 4);
    const rows = this.lines.filter(({ name }) => this.names.shows(name)).map((line) => {
      const value = valueAt(line, x, this.data);
      return { name: line.name, title: line.title, value, text: value === null ? "–" : text(value), colour: this.shade(line.name) };
    });
    return { title: `${this.data.x.title} ${this.wholeX ? wholeNumber(x) : shortNumber(x, 4)}`, rows };
  }

  // The values at x, or the last values of all lines without x.
  endsAt(x) {
    if (x !== null) return this.valuesAt(x).rows;
    return this.lines.flatMap((line) => this.valuesAt(line.x.at(-1) ?? NaN).rows.filter(({ name }) => name === line.name));
  }

  hover(x) {
    if (!this.plot || x === this.overlay.hovered) return;
    this.overlay.hovered = x;
    this.overlay.draw();
  }

  // All x with data
  positions = () => (this.lines.some(({ x }) => x.length) ? this.plot.data[0] : []);

  listen() {
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    const { drawing } = this, follow = (event) => this.follow(event);
    on(drawing, "pointerdown", follow);
    on(drawing, "pointermove", follow);
    on(drawing, "pointerleave", ({ pointerType }) => pointerType === "mouse" && this.hover(null));
    on(document, "pointerdown", (event) => event.composedPath().includes(drawing) || this.hover(null));
    on(drawing, "blur", () => this.hover(null));
    on(drawing, "keydown", (event) => this.type(event));
    on(playhead, "move", () => this.plot && this.overlay.draw());
  }

  follow({ clientX }) {
    const sorted = this.plot ? this.positions() : [];
    if (!sorted.length) return;
    const x = this.plot.posToVal(clientX - this.plot.over.getBoundingClientRect().left, "x");
    this.hover(sorted[nearest(sorted, x)]);
  }

  type(event) {
    const sorted = this.plot ? this.positions() : [], last = sorted.length - 1;
    if (event.key === "Escape") this.hover(null);
    const { hovered } = this.overlay, at = hovered === null ? null : nearest(sorted, hovered);
    const stride = event.shiftKey ? 10 : 1;
    const places = { ArrowLeft: (at ?? last + 1) - stride, ArrowRight: (at ?? -1) + stride, Home: 0, End: last };
    if (!(event.key in places) || last < 0) return;
    event.preventDefault();
    this.hover(sorted[clamp(places[event.key], 0, last)]);
  }
}

export default mount(".line-chart", LineChart);
