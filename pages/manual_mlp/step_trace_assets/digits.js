// A row of test digits with their predictions below, as many as fit.

class Digits {
  constructor(root) {
    this.root = root;
    this.caption = root.querySelector("p");
    this.row = root.querySelector(".row");
  }

  show(digits) {
    const theme = themeOf(this.root), isOther = digits?.pixels !== this.pixels || theme !== this.theme;
    this.root.hidden = !digits;
    Object.assign(this, { theme, pixels: digits?.pixels });
    if (digits && isOther) this.addFigures(digits);
  }

  addFigures({ pixels, labels }) {
    const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
    this.figures = labels.map((_, number) => {
      const figure = document.createElement("figure"), canvas = document.createElement("canvas");
      canvas.width = canvas.height = 28;
      const context = canvas.getContext("2d"), image = context.createImageData(28, 28);
      for (let pixel = 0; pixel < 784; pixel++) {
        const value = bytes[number * 784 + pixel];
        image.data.fill(this.theme === "dark" ? value : 255 - value, 4 * pixel, 4 * pixel + 3);
        image.data[4 * pixel + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      canvas.setAttribute("role", "img");
      figure.append(canvas, document.createElement("figcaption"));
      return figure;
    });
    this.row.replaceChildren(...this.figures);
  }

  // Shows the predictions at the last keyframe up to an update, or the latest predictions if the step is null.
  draw({ labels, frames }, step, words) {
    const frame = frames.findLast((other) => step === null || other.step <= step) ?? frames[0];
    if (!frame) return;
    this.caption.textContent = frame.accuracy ? fill(words.accuracy, frame) : words.digits;
    for (const [number, figure] of this.figures.entries()) {
      const prediction = frame.predictions[number], label = labels[number];
      figure.dataset.correct = prediction === label;
      figure.querySelector("figcaption").textContent = prediction === label ? label : `${prediction} (${label})`;
      figure.querySelector("canvas").setAttribute("aria-label", fill(words.digit, { prediction, label }));
    }
  }
}
