// What components share that explain one pixel of a feature map. The reader points at it, chooses it with a click, or goes
// on with the arrow keys. `output` is the canvas of the map, `data.output` its rows and columns.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class PixelChoice {
  listenToPixels(signal) {
    const on = (kind, react) => this.output.addEventListener(kind, react, { signal });
    on("pointermove", (event) => this.choose(this.under(event), event.buttons > 0));
    on("pointerdown", (event) => this.choose(this.under(event), true));
    on("pointerleave", () => this.choose(null, false));
    on("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      this.choose(this.kept.map((at, axis) => clamp(at + step[axis], 0, this.data.output[axis] - 1)), true);
    });
  }

  // What the reader has chosen stays as long as it lies inside; else it is what `first` returns.
  keepInside(first) {
    const inside = (pixel) => pixel?.every((at, axis) => at < this.data.output[axis]);
    if (!inside(this.kept)) this.kept = first();
    if (!inside(this.pointed)) this.pointed = null;
  }

  // A pixel under the pointer is shown while it is there; the kept one, always else.
  choose(pixel, keep) {
    if (!keep && String(pixel) === String(this.pointed)) return;
    this.pointed = keep ? null : pixel;
    if (keep) this.kept = pixel;
    this.update();
  }

  under({ clientX, clientY }) {
    const box = this.output.getBoundingClientRect(), [rows, columns] = this.data.output;
    const at = (share, count) => clamp(Math.floor(share * count), 0, count - 1);
    return [at((clientY - box.top) / box.height, rows), at((clientX - box.left) / box.width, columns)];
  }
}
