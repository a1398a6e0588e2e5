// Shared by components that explain one pixel of a feature map. The user points at a pixel, selects it with a click, or
// selects another pixel with the arrow keys. `output` is the canvas of the feature map, and `data.output` contains its
// numbers of rows and columns.

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

  // The selection stays as long as it is inside the output; otherwise it is the result of `first`.
  keepInside(first) {
    const inside = (pixel) => pixel?.every((at, axis) => at < this.data.output[axis]);
    if (!inside(this.kept)) this.kept = first();
    if (!inside(this.pointed)) this.pointed = null;
  }

  // Shows the pixel under the pointer, otherwise the selected pixel.
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
